/**
 * cpu/forwarding.ts: what a core's load sees: the visible bytes, under those of its own write-combining buffers, under
 * those of its own store buffer. A load may be put together from several of them.
 */

import type { Hardware } from '../hardware.ts'

/** `length` bytes of one line, from address `at`, into `into` at `offset`. */
export function gather(hw: Hardware, core: number, at: number, length: number, into: Uint8Array, offset: number): void {
  const { history, lines } = hw
  const line = lines.find(at)
  const inLine = at % 64
  const first = line * 64 + inLine
  for (let i = 0; i < length; i++) into[offset + i] = lines.visible[first + i] as number
  const wc = hw.wc[core]
  const open = wc?.find(line) ?? -1
  if (wc !== undefined && open >= 0)
    for (const op of history.chainOps(wc.chain(open))) forward(hw, op, inLine, length, into, offset)
  const buffer = hw.storeBuffers[core]
  for (let i = 0; buffer !== undefined && i < buffer.count; i++) {
    const op = buffer.at(i)
    if (op !== 0 && history.line(op) === line && history.isWrite(op)) forward(hw, op, inLine, length, into, offset)
  }
}

/** Lay a buffered store's bytes over those of a load that begins at byte `inLine` of the line. */
function forward(hw: Hardware, op: number, inLine: number, length: number, into: Uint8Array, offset: number): void {
  const { history } = hw
  const first = history.offset(op)
  const from = Math.max(first, inLine)
  const to = Math.min(first + history.size(op), inLine + length)
  for (let b = from; b < to; b++) into[offset + b - inLine] = history.byte(op, b - first)
}
