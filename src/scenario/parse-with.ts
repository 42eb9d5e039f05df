/**
 * A scenario's text to a `Scenario`: YAML front matter, then C (design.md §5). The C is only cut out here; who reads the
 * YAML is the caller's choice.
 *
 * Everything that is wrong is told at once, each with its place. What only the machine can know (is there such a
 * release, does the function exist) is checked by it; `positions` lets it say where.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import { optionsOff } from './arch.ts'
import { splitFrontMatter } from './front-matter.ts'
import { assembleMachine } from './machine.ts'
import { inWords, NOTHING, Reading, type ScenarioDiagnostic } from './reading.ts'
import type { Scenario } from './scenario.ts'
import { scenarioKeys } from './schema.ts'
import { isNothing, pairOf, type YamlNode } from './yaml/node.ts'
import type { Position, YamlText } from './yaml/read.ts'

export interface ParsedScenario extends Scenario {
  /** Where the value of a key stands, by dotted path ("kernel", "machine.nvdimms.0.size"); only keys in the text. */
  readonly positions: ReadonlyMap<string, Position>
  /** What is legal and most likely not meant. */
  readonly warnings?: readonly Diagnostic[]
}

const MOST_DIAGNOSTICS = 50

/** A change of the front matter before it is read. */
export interface Change {
  /** Dotted path of the key. */
  readonly path: string
  /** How the person wrote it. */
  readonly spelled: string
  made(root: YamlNode | undefined): Result<YamlNode, string>
}

export type Parsed = Result<ParsedScenario, readonly ScenarioDiagnostic[]>

/** Undefined: `readYaml` does not know what stands there. */
export function parseWith<Y extends YamlText | undefined>(
  readYaml: (text: string, offset: number, yaml: string) => Y,
  text: string,
  changes: readonly Change[],
): Parsed | Extract<Y, undefined> {
  const parts = splitFrontMatter(text)
  if (!parts.ok) return err([parts.error])
  const { yaml, yamlOffset, program } = parts.value
  const read = readYaml(text, yamlOffset, yaml)
  if (read === undefined) return undefined as Extract<Y, undefined>
  if (read.errors.length > 0) return err(withEarlierMistakes(read))

  const spelled = new Map(changes.map((change) => [change.path, change.spelled]))
  const reading = new Reading(read.position, spelled)
  let root = read.root
  for (const change of changes) {
    const changed = change.made(root)
    if (changed.ok) root = changed.value
    else reading.error(change.path, changed.error)
  }
  if (reading.diagnostics.length > 0) return err(reading.diagnostics)
  reading.diagnostics.push(...read.refused)
  const keys = readKeys(root, reading)
  const machine = assembleMachine(keys.machine, keys.threads.length, reading)
  const again = keys.threads.findIndex((name, index) => keys.threads.indexOf(name) < index)
  if (again >= 0)
    reading.error(`threads.${again}`, `\`${keys.threads[again]}\` runs already: a thread is known by its name`)
  const { threads, title, kernel, model, budget, cmdline } = keys
  const off = optionsOff(machine.arch, keys.config, reading)
  if (reading.diagnostics.length > 0) return err(inOrder(reading.diagnostics))
  // What is set up unless something is said is persistent memory.
  const setup = machine.arch === 'x86-64' || reading.positions.has('setup') ? keys.setup : ''
  const setupLine = spelled.has('setup') ? 1 : lineOfBlock(root, reading.positions.get('setup'))
  return ok({
    title,
    kernel,
    machine,
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(off.length === 0 ? {} : { configOff: off }),
    model,
    setup,
    setupLine,
    threads,
    what: { kind: 'c', text: program },
    budget,
    positions: reading.positions,
  })
}

function readKeys(root: YamlNode | undefined, reading: Reading): typeof scenarioKeys.defaults {
  if (root === undefined || isNothing(root)) return scenarioKeys.defaults
  if (root.kind !== 'map') {
    reading.errorAt(root, '', `expected keys such as \`title: …\`, found ${inWords(root)}`)
    return scenarioKeys.defaults
  }
  return scenarioKeys.read(root, '', reading) ?? scenarioKeys.defaults
}

/** A block scalar begins on the line after its `|`. Without a setup in the text: 1. */
function lineOfBlock(root: YamlNode | undefined, position: Position | undefined): number {
  if (position === undefined) return 1
  const node = root?.kind === 'map' ? pairOf(root, 'setup')?.value : undefined
  return position.line + (node?.kind === 'scalar' && node.style === 'literal' ? 1 : 0)
}

/** Broken YAML, and the mistakes in what stands before the break (after it, nothing means what it seems to). */
function withEarlierMistakes(read: YamlText): readonly ScenarioDiagnostic[] {
  const reading = new Reading(read.position, new Map())
  reading.diagnostics.push(...read.refused)
  const broken = Math.min(...read.errors.map((error) => error.line))
  readKeys(read.root, reading)
  const sound = reading.diagnostics.filter(({ line, message }) => line < broken && !message.endsWith(NOTHING))
  return inOrder([...sound, ...read.errors])
}

const inOrder = (diagnostics: readonly ScenarioDiagnostic[]): readonly ScenarioDiagnostic[] =>
  [...diagnostics].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MOST_DIAGNOSTICS)
