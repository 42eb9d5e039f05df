/** What disks were asked for, up to a step. */

import type { BioView } from '../../protocol/devices.ts'
import type { Recording } from './recording.ts'

export function biosOf(recording: Recording, step: number): readonly BioView[] {
  const { trace } = recording.machine
  return recording.texts('bio', step).map(({ step: at, text }) => {
    const [device = '', rwbs = '', sector, sectors] = text.split(' ')
    const dropped = trace.b.get(at) === 1
    const bio = { step: at, device, rwbs, sector: Number(sector), sectors: Number(sectors) }
    return dropped ? { ...bio, dropped } : bio
  })
}
