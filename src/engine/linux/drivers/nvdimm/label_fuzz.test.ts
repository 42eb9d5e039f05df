import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boot } from '../../../../../test/flat-machine.ts'
import { Guest } from '../../../../../test/guest.ts'
import { damagedArea, MEMORY, nfit } from '../../../../../test/label-areas.ts'
import { runs } from '../../../../../test/runs.ts'
import { createLabelArea } from '../../../hw/label-area.ts'
import { Journal } from '../../../sim/journal.ts'
import { label_support } from './label_support.ts'

test('whatever is in a label area, the kernel boots and says little', () => {
  fc.assert(
    fc.property(damagedArea, (bytes) => {
      const area = createLabelArea(new Journal(), bytes.length, bytes)
      const { k, dmesg, calls } = boot(nfit, { labels: label_support, labelAreas: { nmem0: area } })
      const guest = new Guest(k)
      expect(dmesg.length).toBeLessThan(400)
      expect(calls.length).toBeLessThan(400)
      for (const ns of guest.namespaces()) expect(Number(guest.nd(ns, 'size'))).toBeLessThanOrEqual(MEMORY)
      expect(Number(guest.nd('region0', 'available_size'))).toBeLessThanOrEqual(MEMORY)
      // And it can be worked with, or refuses.
      const [first] = guest.namespaces()
      if (first === undefined) return
      guest.disable(first)
      for (const [attribute, text] of [
        ['uuid', '00000009-1111-4222-8333-444444444444'],
        ['size', '33554432'],
        ['alt_name', 'new'],
      ] as const)
        expect(guest.set(first, attribute, text)).toBeLessThanOrEqual(0)
    }),
    { numRuns: runs(300) },
  )
}, 3_600_000)
