/** The bytes of a disk of persistent memory: what a power failure leaves of them, or what has been written to it. */

import { err, ok, type Result } from '../../base/result.ts'
import { survivors } from '../hw/power.ts'
import { block_class } from '../linux/block/genhd.ts'
import type { Recording } from './recording.ts'
import type { StateAt } from './state-at.ts'

const LINE = 64

/** Right after `step`. `device`: "pmem0" or "/dev/pmem0"; the error says what is wrong with it. */
export function deviceImage(
  recording: Recording,
  device: string,
  step: number,
  powerFails: boolean,
): Result<Uint8Array, string> {
  const { hw, journal, lives, power } = recording.machine
  const kernel = lives.findLast(({ from }) => from <= step)?.kernel
  const disks =
    kernel === undefined
      ? []
      : journal.at(step, () => block_class(kernel).map(({ disk_name, media }) => ({ disk_name, media })))
  const media = disks.find(({ disk_name }) => disk_name === device.replace(/^\/dev\//, ''))?.media
  if (media === undefined) {
    const names = disks.filter((disk) => disk.media !== undefined).map(({ disk_name }) => disk_name)
    return err(
      `no disk of persistent memory; ${names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`}`,
    )
  }
  const state = recording.at(step)
  const left = powerFails ? survivors(hw, state.words, power) : undefined
  const bytes = new Uint8Array(media.size)
  for (const line of recording.nvdimmLines()) {
    const at = hw.lines.spa(line) - media.start
    if (at < 0 || at + LINE > media.size) continue
    bytes.set(
      left === undefined
        ? newest(state, line)
        : hw.history.contents(left.get(line) ?? state.media(line), hw.lines.initial(line)),
      at,
    )
  }
  return ok(bytes)
}

/** Everything that was stored, wherever it is. */
function newest(state: StateAt, line: number): Uint8Array {
  const { history, lines } = state.hw
  const bytes = history.contents(state.visible(line), lines.initial(line)).slice()
  const pending = state.pending(line).map(({ op }) => op)
  for (const op of pending.sort((a, b) => a - b)) history.applyTo(bytes, 0, op)
  return bytes
}
