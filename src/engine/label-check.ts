/**
 * What is wrong with a DIMM's label area, or hardly meant, before a kernel sees it.
 *
 * It speaks of the bytes of one area. Every finding names the byte that it is about; whatever makes a kernel pass over an
 * index block or a label, or refuse the area, is among them. Severity: `error`: a driver passes over it or refuses it;
 * `warning`: allowed, and hardly meant; `note`: worth knowing. Source: NVDIMM Namespace Specification, UEFI 2.7 §13.19.
 *
 * Left out: what only the NFIT can tell (cookies of interleave sets, ranges that a label names), and the labels of the
 * set's other DIMMs.
 */

import {
  decode_index,
  decode_label,
  NSINDEX_SEQ_MASK,
  NSLABEL_FLAG_UPDATING,
  NSLABEL_V1_2,
  type NsLabel,
  slot_is_free,
} from './linux/drivers/nvdimm/label_bytes.ts'
import { best_seq, index_problems, sizeof_namespace_index, slot_problems } from './linux/drivers/nvdimm/label_valid.ts'

export interface LabelFinding {
  /** Byte in the area. */
  readonly offset: number
  readonly severity: 'error' | 'warning' | 'note'
  readonly message: string
}

type Report = (offset: number, severity: LabelFinding['severity'], message: string) => void

/** More would be read by nobody. */
const MOST = 500
const LABEL_SIZES = [128, NSLABEL_V1_2] as const
/** Bytes of an index block and of a label. */
const INDEX = { seq: 20, labeloff: 48, nslot: 56 } as const
const LABEL = { uuid: 0, flags: 80, nlabel: 84, position: 86, dpa: 104, rawsize: 112 } as const

export function checkLabels(area: Uint8Array): readonly LabelFinding[] {
  const findings: LabelFinding[] = []
  const report: Report = (offset, severity, message) => {
    if (findings.length < MOST) findings.push({ offset, severity, message })
  }
  if (sizeof_namespace_index(area.length, LABEL_SIZES[0]) === 0)
    report(0, 'error', `an area of ${area.length} bytes is too small for two index blocks and two labels`)
  else {
    const views = LABEL_SIZES.flatMap((size) => viewOf(area, size) ?? [])
    // Valid index blocks are looked for as the kernel looks: those of small labels first.
    const view = views.find(({ current }) => current !== undefined)
    if (view === undefined) reportNoIndex(mostLikely(views), report)
    else {
      reportIndexes(view, area, report)
      reportLabels(view, area, report)
    }
  }
  return findings.toSorted((a, b) => a.offset - b.offset)
}

interface Block {
  readonly bytes: Uint8Array
  /** Byte in the area. */
  readonly at: number
  readonly problems: ReturnType<typeof index_problems>
}

/** The area, taken as one with labels of some size. */
interface View {
  readonly labelSize: number
  readonly blocks: readonly [Block, Block]
  /** The block in force; undefined: neither is valid. */
  readonly current: Block | undefined
}

function viewOf(area: Uint8Array, labelSize: number): View | undefined {
  const size = sizeof_namespace_index(area.length, labelSize)
  if (size === 0) return undefined
  const block = (i: number): Block => {
    const bytes = area.subarray(i * size, (i + 1) * size)
    return { bytes, at: i * size, problems: index_problems(bytes, i, labelSize, area.length) }
  }
  const blocks = [block(0), block(1)] as const
  const [first, second] = blocks.filter(({ problems }) => problems.length === 0)
  const current = first && second && best_seq(seqOf(first), seqOf(second)) === seqOf(second) ? second : first
  return { labelSize, blocks, current }
}

const seqOf = ({ bytes }: Block): number => decode_index(bytes).seq & NSINDEX_SEQ_MASK

const isSigned = ({ bytes }: Block): boolean => decode_index(bytes).signed

/** Without a valid index block the size of labels is not certain: the one that has least against it. */
function mostLikely(views: readonly View[]): View | undefined {
  const against = ({ blocks }: View): number =>
    blocks.reduce((sum, block) => sum + (isSigned(block) ? block.problems.length : 10), 0)
  return views.toSorted((a, b) => against(a) - against(b))[0]
}

function reportNoIndex(view: View | undefined, report: Report): void {
  for (const [i, block] of view?.blocks.entries() ?? []) {
    const { bytes, at, problems } = block
    if (bytes.every((byte) => byte === 0)) report(at, 'note', `no index block ${i}: only zeros`)
    else for (const { at: byte, text } of problems) report(at + byte, 'error', `index block ${i}: ${text}`)
  }
}

function reportIndexes({ blocks, current, labelSize }: View, area: Uint8Array, report: Report): void {
  for (const [i, { at, problems }] of blocks.entries())
    for (const { at: byte, text } of problems)
      report(at + byte, 'warning', `index block ${i}, which is not in force: ${text}; an update may have been cut off`)
  if (current === undefined) return
  const [first, second] = blocks
  if (first.problems.length + second.problems.length === 0 && seqOf(first) === seqOf(second))
    report(second.at + INDEX.seq, 'warning', `both index blocks have sequence number ${seqOf(first)}`)
  const { labeloff, nslot } = decode_index(current.bytes)
  const start = 2 * current.bytes.length
  const said = `labels begin at byte ${labeloff} by the index block`
  if (labeloff + BigInt(nslot * labelSize) > BigInt(area.length))
    report(current.at + INDEX.labeloff, 'error', `${said}: they end behind the area of ${area.length} bytes`)
  else if (labeloff !== BigInt(start))
    // Upstream reads them there, and then looks for them behind the index blocks: any label may come out wrong.
    report(current.at + INDEX.labeloff, 'error', `${said}, and are looked for at byte ${start}`)
  let free = 0
  for (let slot = 0; slot < nslot; slot++) if (slot_is_free(current.bytes, slot)) free++
  if (free === 0)
    report(current.at + INDEX.nslot, 'warning', `none of ${nslot} slots is free: no label can be changed any more`)
}

interface Placed {
  /** Byte in the area. */
  readonly at: number
  readonly label: NsLabel
}

function reportLabels({ current, labelSize }: View, area: Uint8Array, report: Report): void {
  if (current === undefined) return
  const { nslot } = decode_index(current.bytes)
  const sound: Placed[] = []
  for (let slot = 0; slot < nslot; slot++) {
    if (slot_is_free(current.bytes, slot)) continue
    const at = 2 * current.bytes.length + slot * labelSize
    const bytes = area.subarray(at, at + labelSize)
    const problems = slot_problems(bytes, slot)
    for (const { at: byte, text } of problems) report(at + byte, 'error', `label in slot ${slot}: ${text}`)
    if (problems.length === 0) sound.push({ at, label: decode_label(bytes) })
  }
  for (const placed of sound) reportLabel(placed, report)
  reportOverlaps(sound, report)
  reportTwins(sound, report)
}

function reportLabel({ at, label }: Placed, report: Report): void {
  const { slot, rawsize, nlabel, position, flags } = label
  const who = `label in slot ${slot}`
  if (rawsize === 0n) report(at + LABEL.rawsize, 'error', `${who}: no bytes: the kernel refuses the DIMM`)
  if (position >= nlabel) report(at + LABEL.position, 'error', `${who}: position ${position} of ${nlabel}`)
  if ((flags & NSLABEL_FLAG_UPDATING) !== 0)
    report(at + LABEL.flags, 'warning', `${who}: an update of its set was cut off (UPDATING)`)
}

const endOf = ({ label: { dpa, rawsize } }: Placed): bigint => dpa + rawsize
const hex = (n: bigint): string => `0x${n.toString(16)}`

/** Two labels for one byte of the DIMM: the kernel refuses the DIMM. */
function reportOverlaps(sound: readonly Placed[], report: Report): void {
  const byAddress = sound.toSorted((a, b) => Number(a.label.dpa - b.label.dpa))
  let before: Placed | undefined
  for (const each of byAddress) {
    const { slot, dpa } = each.label
    if (before !== undefined && dpa < endOf(before))
      report(
        each.at + LABEL.dpa,
        'error',
        `label in slot ${slot}: begins at DPA ${hex(dpa)}, inside of what the label in slot ${before.label.slot} has`,
      )
    if (before === undefined || endOf(each) > endOf(before)) before = each
  }
}

/** A DIMM has one label a namespace. */
function reportTwins(sound: readonly Placed[], report: Report): void {
  const known = new Map<string, number>()
  for (const { at, label } of sound) {
    const other = known.get(label.uuid)
    if (other === undefined) known.set(label.uuid, label.slot)
    else
      report(
        at + LABEL.uuid,
        'error',
        `label in slot ${label.slot}: the uuid ${label.uuid} of the label in slot ${other} again`,
      )
  }
}
