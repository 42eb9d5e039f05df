/** Memory devices as the parts of one range: whether they fit it, and how they take turns or follow one another. */

import { isPowerOfTwo, place, type Report, repeated, type Structure } from './nfit-finding.ts'
import { NFIT_INTERLEAVE } from './nfit-layout.ts'

const PAGE = 4096n

interface Parts {
  /** Of the range: SPA, bytes. */
  readonly start: bigint
  readonly length: bigint
  /** Those that name the range. */
  readonly memdevs: readonly Structure[]
  readonly structures: readonly Structure[]
}

interface Turns {
  /** Bytes. */
  readonly lineSize: bigint
  readonly lines: readonly bigint[]
}

export function checkParts(parts: Parts, report: Report): void {
  const { memdevs } = parts
  const several = memdevs.length > 1
  const inRow = several && memdevs.every((memdev) => memdev.num('interleave_ways') <= 1)
  const closed = inRow && followOneAnother(parts, report)
  for (const memdev of memdevs) checkPart(memdev, parts, closed, report)
  // With interleave structures of their own, DIMMs may begin at one offset and still take turns.
  const offsets = repeated(memdevs, (memdev) => `${memdev.big('region_offset')} ${memdev.num('interleave_index')}`)
  for (const [first, ...others] of several ? offsets : [])
    for (const other of others)
      report(other.offset + 24, 'error', `region_offset is that of the memory device at byte ${first?.offset}`)
  checkTurns(parts, report)
}

/** How the interleave structure that `memdev` names has it take turns; undefined: it names none that does. */
function turnsOf(memdev: Structure, structures: readonly Structure[]): Turns | undefined {
  const index = memdev.num('interleave_index')
  const table = structures.find((each) => each.type === NFIT_INTERLEAVE && each.num('interleave_index') === index)
  const lineSize = table?.big('line_size') ?? 0n
  const lines = table?.list('line_offset') ?? []
  return index === 0 || lineSize === 0n || lines.length === 0 ? undefined : { lineSize, lines }
}

/** Parts that are not interleaved: do their region offsets put one behind the other, from beginning to end? */
function followOneAnother({ memdevs, length }: Parts, report: Report): boolean {
  const sorted = [...memdevs].sort((a, b) => Number(a.big('region_offset') - b.big('region_offset')))
  let end = 0n
  let before: Structure | undefined
  let closed = true
  for (const memdev of sorted) {
    const at = memdev.big('region_offset')
    const size = memdev.big('region_size')
    if (before !== undefined && at < end && at !== before.big('region_offset'))
      report(memdev.offset + 24, 'error', `region_offset lies inside the memory device at byte ${before.offset}`)
    if (at !== end) closed = false
    if (before === undefined || at + size > end) before = memdev
    if (at + size > end) end = at + size
  }
  return closed && end === length
}

/** `closed`: it is one of several that follow one another. */
function checkPart(memdev: Structure, parts: Parts, closed: boolean, report: Report): void {
  const { offset } = memdev
  const { length, memdevs } = parts
  const size = memdev.big('region_size')
  const start = memdev.big('region_offset')
  const ways = memdev.num('interleave_ways')
  if (size === 0n) report(offset + 16, 'error', 'region_size is 0')
  if (size % PAGE !== 0n || memdev.big('address') % PAGE !== 0n)
    report(offset + 16, 'error', 'region_size or DIMM address is not made of whole pages: Linux refuses the region')
  if (size > length && length > 0n)
    report(offset + 16, 'error', `region_size ${place(size)} is more than the range has: ${place(length)}`)
  else if (start >= length && length > 0n)
    report(offset + 24, 'error', `region_offset ${place(start)} lies behind the range's end`)
  else if (ways <= 1 && start + size > length)
    report(offset + 24, 'error', `region_offset ${place(start)} and region_size reach behind the range's end`)
  if (ways > 1 && ways !== memdevs.length)
    report(offset + 42, 'error', `interleave_ways is ${ways}, ${memdevs.length} memory devices share the range`)
  if (ways <= 1 && memdevs.length > 1 && !closed)
    report(offset + 42, 'warning', `interleave_ways is ${ways}, ${memdevs.length} memory devices share the range`)
  if (ways > 1 && memdev.num('interleave_index') === 0)
    report(offset + 40, 'warning', 'interleaved, and no interleave structure says how')
  const turns = turnsOf(memdev, parts.structures)
  if (turns !== undefined) checkPartOfTurn(memdev, turns, parts.start, report)
}

function checkPartOfTurn(memdev: Structure, { lineSize, lines }: Turns, base: bigint, report: Report): void {
  const { offset } = memdev
  const ways = memdev.num('interleave_ways')
  const turn = lineSize * BigInt(lines.length)
  if (memdev.big('region_size') % turn !== 0n)
    report(offset + 16, 'error', `region_size is no multiple of ${place(turn)}, one turn of the interleave`)
  if (ways <= 1) return
  if (memdev.big('region_offset') % lineSize !== 0n)
    report(offset + 24, 'error', `region_offset is no multiple of the line size ${place(lineSize)}`)
  if (!isPowerOfTwo(BigInt(ways)) && ways % 3 !== 0)
    report(offset + 42, 'note', `${ways} ways: memory controllers interleave powers of two, or three times that`)
  // Three ways have no power of two to be aligned to; the line is what an address is split at.
  const grain = isPowerOfTwo(BigInt(ways)) ? lineSize * BigInt(ways) : lineSize
  if (base % grain !== 0n)
    report(
      offset + 42,
      'warning',
      `the range begins at ${place(base)}, no multiple of ${place(grain)}: its interleave would begin in the middle`,
    )
}

/** Of every turn, each line belongs to one DIMM. */
function checkTurns({ memdevs, structures }: Parts, report: Report): void {
  const all = memdevs.map((memdev) => ({ memdev, turns: turnsOf(memdev, structures) }))
  const [first] = all
  const ways = memdevs.length
  const alike = all.every(
    ({ memdev, turns }) =>
      memdev.num('interleave_ways') === ways &&
      turns?.lineSize === first?.turns?.lineSize &&
      turns?.lines.length === first?.turns?.lines.length,
  )
  if (ways < 2 || !alike || first?.turns === undefined) return
  const { lineSize, lines } = first.turns
  const inTurn = BigInt(ways * lines.length)
  const held = all.flatMap(({ memdev, turns }) => {
    const from = memdev.big('region_offset') / lineSize
    return (turns?.lines ?? []).map((line) => ({ memdev, line: (from + line) % inTurn }))
  })
  for (const [one, other] of repeated(held, ({ line }) => String(line)))
    if (one !== undefined && other !== undefined && one.memdev !== other.memdev)
      report(
        other.memdev.offset + 40,
        'error',
        `line ${other.line} of each ${inTurn} is that of the memory device at byte ${one.memdev.offset} too`,
      )
}
