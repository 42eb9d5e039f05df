/** `pmemscope litmus FILE…`: decides litmus tests by trying everything that the hardware may do. */

import { basename } from 'node:path'
import { err, ok, type Result } from '../../base/result.ts'
import { DEFAULT_MODEL, type Model } from '../../engine/explore/model.ts'
import type { LitmusTest } from '../../engine/litmus/test.ts'
import { parseLitmus } from '../../formats/litmus/parse.ts'
import type { Arguments } from '../arguments.ts'
import {
  BROKEN,
  type Command,
  complain,
  FINE,
  JSON_OPTION,
  json,
  printDiagnostics,
  readText,
  SET_OPTION,
  settingsOf,
  UNDECIDED,
  UNREADABLE,
  type World,
} from '../command.ts'
import { besideExpectation, type DecidedTest, imagesOf } from '../decided-test.ts'
import { litmusBlock, litmusSummary } from '../print-litmus.ts'

/** States that a search may hold: about a quarter of a gigabyte. */
const MOST_STATES = 5_000_000

/** What is chosen of a model: its key, the option, the values. */
const OPTIONS: readonly (readonly [keyof Model, string, readonly string[]])[] = [
  ['unit', 'unit', ['line', 'word']],
  ['movnt', 'nt', ['visible', 'fence']],
  ['cas', 'cas', ['sdm', 'paper']],
]
const KEYS = OPTIONS.map(([key]) => `model.${key}`).join(', ')

const NOTES = `A file is in our own format (test/fixtures/litmus/INDEX.md) or in herd's, dialects X86 and X86_64. Ours in herd's syntax:
clwb, movdir64b; in the initial state x:line0+0; y:line0+8 for places on cache lines; persists (x=1 /\\ y=0),
~persists (…) for what a power failure at any instant leaves, end-persists for one behind the last instruction,
eadr-persists where caches survive; Verdict=allowed and Images=3 in the header for what to expect.

Exit status: 0 all as expected, 1 a wrong verdict or number of images, 2 a file that can't be read, 3 undecided.
`

export const litmusCommand: Command = {
  name: 'litmus',
  operands: ['FILE…'],
  summary: 'decide litmus tests exhaustively: every outcome, the verdict, and whether it is the expected one',
  notes: NOTES,
  options: {
    'max-states': { value: 'N', summary: `give a test up as undecided after so many states (${MOST_STATES})` },
    'max-seconds': { value: 'N', summary: 'give a test up as undecided after so many seconds' },
    unit: { value: 'line|word', summary: 'what reaches media as one: a cache line, or each eight-byte word by itself' },
    nt: { value: 'visible|fence', summary: 'when a non-temporal store is durable: once visible, or at the next fence' },
    cas: { value: 'sdm|paper', summary: 'a failed compare-and-swap: a full barrier, or a plain read' },
    json: JSON_OPTION,
    set: SET_OPTION,
  },
  run,
}

async function run(given: Arguments, world: World): Promise<number> {
  const chosen = modelOf(given)
  if (!chosen.ok) return complain(world, chosen.error)
  const model = chosen.value
  const maxStates = budget(given.one('max-states'))
  const maxSeconds = budget(given.one('max-seconds'))
  if (maxStates === 'wrong') return complain(world, `--max-states ${given.one('max-states')}: expected a number`)
  if (maxSeconds === 'wrong') return complain(world, `--max-seconds ${given.one('max-seconds')}: expected a number`)

  const decided: DecidedTest[] = []
  let unreadable = 0
  for (const path of given.operands) {
    const test = await readTest(world, path)
    if (test === undefined) {
      unreadable += 1
      continue
    }
    const end = maxSeconds === undefined ? undefined : performance.now() + 1000 * maxSeconds
    const decision = world.engine.litmus(test, {
      model,
      maxStates: maxStates ?? MOST_STATES,
      ...(end === undefined ? {} : { stop: () => performance.now() >= end }),
    })
    const one = besideExpectation({ file: path, test, model, decision })
    decided.push(one)
    if (!given.has('json')) world.terminal.out(`${litmusBlock(one)}\n`)
  }
  if (given.has('json')) world.terminal.out(json(decided.map(reportOf)))
  else if (given.operands.length > 1) world.terminal.out(litmusSummary(decided, unreadable))
  if (unreadable > 0) return UNREADABLE
  if (decided.some(({ standing }) => standing === 'wrong')) return BROKEN
  return decided.some(({ standing }) => standing === 'undecided') ? UNDECIDED : FINE
}

/** The model that `--unit`, `--nt`, `--cas` choose, and `--set model.unit=word`: a test has no other keys to set. */
function modelOf(given: Arguments): Result<Model, string> {
  const settings = settingsOf(given)
  if (!settings.ok) return settings
  const { unit, movnt, cas } = DEFAULT_MODEL
  const model: Record<string, string> = { unit, movnt, cas }
  const options = OPTIONS.flatMap(([key, option]) => {
    const value = given.one(option)
    return value === undefined ? [] : [{ path: `model.${key}`, value, spelled: `--${option} ${value}` }]
  })
  for (const { path, value, spelled } of [...settings.value, ...options]) {
    const key = OPTIONS.find(([each]) => path === `model.${each}`)
    if (key === undefined) return err(`${spelled}: a litmus test has ${KEYS} to set, nothing else`)
    const [name, , values] = key
    if (!values.includes(value)) return err(`${spelled}: expected ${values.join(' or ')}`)
    model[name] = value
  }
  return ok(model as unknown as Model)
}

function budget(text: string | undefined): number | undefined | 'wrong' {
  if (text === undefined) return undefined
  return /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : 'wrong'
}

/** Undefined: it has been said why. */
async function readTest(world: World, path: string): Promise<LitmusTest | undefined> {
  const text = await readText(world, path)
  if (!text.ok) {
    complain(world, text.error)
    return undefined
  }
  const test = parseLitmus(text.value, path === '-' ? 'litmus' : basename(path).replace(/\.[^.]+$/, ''))
  if (test.ok) return test.value
  printDiagnostics(world, test.error, text.value, path)
  return undefined
}

function reportOf({ file, test, model, expected, expectedImages, decision }: DecidedTest): object {
  return {
    file,
    name: test.name,
    model,
    expected: expected ?? null,
    verdict: decision.verdict,
    states: decision.states,
    complete: decision.complete,
    ...(decision.because === undefined ? {} : { because: decision.because }),
    images: imagesOf(decision)?.toString() ?? null,
    ...(expectedImages === undefined ? {} : { expectedImages: String(expectedImages) }),
    outcomes: decision.outcomes.map(({ values }) =>
      Object.fromEntries(values.map(({ name, value }) => [name, numberOf(value)])),
    ),
    outcomesCut: decision.outcomesCut,
  }
}

const numberOf = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
