/**
 * A scenario's text with keys of its front matter changed, comments and the C kept.
 *
 * Uses the whole YAML library, which writes text too; the page fetches it when somebody chooses a release.
 */

import { type Document, isMap, isScalar, isSeq, type Node, Pair, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { assert } from '../base/assert.ts'
import { diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import { looksLikeLitmus } from '../formats/litmus/looks-like.ts'
import { splitFrontMatter } from './front-matter.ts'
import type { ScenarioDiagnostic } from './reading.ts'
import { applySetting, type Setting } from './settings.ts'
import { parseYaml } from './yaml/read.ts'

export function rewriteScenario(
  text: string,
  settings: readonly Setting[],
): Result<string, readonly ScenarioDiagnostic[]> {
  if (settings.length === 0) return ok(text)
  if (looksLikeLitmus(text)) {
    const spelled = settings.map(({ spelled: setting }) => setting)
    const message = 'a litmus test has no front matter that could be changed'
    return err(spelled.map((setting) => ({ ...diagnostic(1, 1, 1, message), setting })))
  }
  const parts = splitFrontMatter(text)
  if (!parts.ok) return err([parts.error])
  const { yaml, yamlOffset, programOffset } = parts.value
  const read = parseYaml(text, yamlOffset, yaml)
  const wrong = [...read.errors, ...read.refused]
  if (wrong.length > 0) return err(wrong)
  const document = documentOf(yaml)
  assert(document.errors.length === 0, 'the library reads what our reader reads')
  const [only] = settings
  const kept = settings.length === 1 && only !== undefined ? inPlace(yaml, document, only) : undefined
  let root = read.root
  for (const setting of settings) {
    const changed = applySetting(root, setting)
    const problem = changed.ok
      ? changed.value.kind === 'map'
        ? undefined
        : 'the front matter has no keys'
      : changed.error
    if (problem !== undefined) return err([{ ...diagnostic(1, 1, 1, problem), setting: setting.spelled }])
    if (changed.ok) root = changed.value
    const value = documentOf(setting.value).contents ?? new Scalar(null)
    document.contents = placed(orNothing(document.contents) ?? new YAMLMap(), setting.path.split('.'), value)
  }
  const front = kept ?? document.toString({ lineWidth: 0 })
  return ok(`---\n${front}---\n${text.slice(programOffset)}`)
}

/**
 * A plain value of a key at the top: only it changes, or one line is added behind the others. undefined: it takes more than
 * that.
 */
function inPlace(yaml: string, { contents }: Document, { path, value }: Setting): string | undefined {
  if (path.includes('.') || value.includes('\n') || !isScalar(documentOf(value).contents)) return undefined
  if (!isMap<Node, Node | null>(contents) || contents.flow === true) return undefined
  const pair = contents.items.find(({ key }) => isScalar(key) && String(key.value) === path)
  if (pair === undefined) return `${yaml.replace(/\n?$/, '\n')}${path}: ${value}\n`
  const range = isScalar(pair.value) && pair.value.value !== null ? pair.value.range : undefined
  return range == null ? undefined : `${yaml.slice(0, range[0])}${value}${yaml.slice(range[1])}`
}

const documentOf = (yaml: string): Document =>
  parseDocument(yaml, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', version: '1.2' })

const orNothing = (node: Node | null): Node | undefined =>
  node === null || (isScalar(node) && node.value === null) ? undefined : node

/** What `applySetting` does, on the library's nodes: they carry the comments. It has checked that it can be done. */
function placed(old: Node | undefined, keys: readonly string[], value: Node): Node {
  const [key, ...rest] = keys
  if (key === undefined) return value
  const at = old ?? (/^\d+$/.test(key) ? new YAMLSeq<Node>() : new YAMLMap<Node, Node | null>())
  if (isSeq<Node>(at)) {
    const index = Number(key)
    at.items[index] = placed(orNothing(at.items[index] ?? null), rest, value)
  } else if (isMap<Node, Node | null>(at)) {
    const pair = at.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    const child = placed(orNothing(pair?.value ?? null), rest, value)
    if (pair === undefined) at.items.push(new Pair<Node, Node | null>(new Scalar(key), child))
    else pair.value = child
  }
  return at
}
