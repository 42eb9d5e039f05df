/**
 * Which comparison a conditional instruction looks at.
 *
 * There are no flags in the program: an instruction that sets them keeps two hidden registers, and who reads them
 * compares those. So it must be known, on every way to the reader, that the flags come from accesses of one size and
 * mean what is asked of them.
 */

import { meant, type Problems, quoted } from '../problems.ts'
import type { Test } from './mnemonics.ts'
import type { Source, SourceThread } from './source.ts'

/** `compare`: left and right; `logic`: a result and 0, no carry; `result`: a result whose carries are not kept. */
type Flags = 'compare' | 'logic' | 'result'

const SETS: Readonly<Record<string, Flags>> = {
  cmp: 'compare',
  sub: 'compare',
  cmpxchg: 'compare',
  test: 'logic',
  and: 'logic',
  or: 'logic',
  xor: 'logic',
  add: 'result',
  inc: 'result',
  dec: 'result',
  neg: 'result',
  xadd: 'result',
}

/** What a result without its carries tells. */
const OF_RESULT: readonly Test[] = ['eq', 'ne', 'negative', 'not-negative']

export interface FlagUse {
  /** Instructions whose flags somebody reads. */
  readonly kept: ReadonlySet<number>
  /** Bytes that a reader compares, by its index. */
  readonly sizes: ReadonlyMap<number, number>
}

export function flagUse(thread: SourceThread, sizeOf: (source: Source) => number, problems: Problems): FlagUse {
  const { instructions } = thread
  const reaching = setters(thread, problems)
  const kept = new Set<number>()
  const sizes = new Map<number, number>()
  instructions.forEach((reader, index) => {
    const { test } = reader.mnemonic
    if (test === undefined) return
    const found = [...(reaching[index] ?? [])]
    const sources = found.flatMap((i) => instructions[i] ?? [])
    if (found.includes(NOBODY)) {
      const some = found.length > 1 ? ' on every way to it' : ''
      problems.at(reader.head, `no comparison stands before ${quoted(reader.head.text)}${some}`)
    } else if (new Set(sources.map(sizeOf)).size > 1) {
      problems.at(reader.head, `${quoted(reader.head.text)} would look at comparisons of different sizes`)
    } else if (sources.some(({ mnemonic }) => SETS[mnemonic.op] === 'result') && !OF_RESULT.includes(test)) {
      const hint = 'compare the result with cmp or test'
      problems.at(reader.head, `the flags behind add, inc, dec, neg and xadd only tell zero and sign here`, hint)
    }
    for (const setter of found) kept.add(setter)
    sizes.set(index, sources[0] === undefined ? 8 : sizeOf(sources[0]))
  })
  return { kept, sizes }
}

/** Stands for the flags at the start. */
const NOBODY = -1

/** Who may have set the flags last, before each instruction. */
function setters({ instructions, labels, thread }: SourceThread, problems: Problems): readonly ReadonlySet<number>[] {
  const before = instructions.map(() => new Set<number>())
  before[0]?.add(NOBODY)
  const targets = instructions.map(({ label }) => {
    if (label === undefined) return undefined
    const target = labels.get(label.text)
    if (target === undefined) {
      const hint = meant(label.text, labels.keys())
      problems.at(label, `thread ${thread} has no label ${quoted(label.text)}`, hint)
    }
    return target
  })
  for (let changed = true; changed; ) {
    changed = false
    instructions.forEach(({ mnemonic: { op } }, i) => {
      const out = Object.hasOwn(SETS, op) ? [i] : [...(before[i] ?? [])]
      const falls = op === 'jmp' || op === 'ret' ? [] : [i + 1]
      const target = targets[i]
      for (const next of target === undefined ? falls : [...falls, target]) {
        for (const setter of out) {
          if (before[next] === undefined || before[next].has(setter)) continue
          before[next].add(setter)
          changed = true
        }
      }
    })
  }
  return before
}
