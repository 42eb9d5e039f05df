/**
 * A scenario's persistent memory that no NFIT describes, and label areas: as hardware, and as what the kernel needs to
 * find them. A machine that has none of it does without this file and the drivers that it brings.
 */

import { spa } from '../base/brand.ts'
import type { Diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { withOtherMemory } from './firmware/other-memory.ts'
import { handleOf } from './firmware/platform.ts'
import { createLabelArea } from './hw/label-area.ts'
import { parse_memmap } from './linux/arch/x86/kernel/e820.ts'
import { e820_pmem } from './linux/drivers/nvdimm/e820.ts'
import { virtio_pmem } from './linux/drivers/nvdimm/virtio_pmem.ts'
import type { LabelArea } from './linux/include/linux/libnvdimm.ts'
import type { Journal } from './sim/journal.ts'
import { wholeNvdimm } from './whole-nvdimm.ts'
import { needsOtherMemory, type OtherMemory, type PrepareInput, RAM } from './workload.ts'

export function otherMemory({
  scenario,
  platform,
  at,
}: PrepareInput): Result<OtherMemory | undefined, readonly Diagnostic[]> {
  if (platform === undefined) return ok(undefined)
  const { e820 = [], virtio_pmem: devices = [] } = scenario.machine
  const legacy = e820.filter(({ type }) => type === 12)
  const said = parse_memmap(scenario.cmdline ?? '')
  const ram = { start: RAM.spa, size: RAM.length }
  const all = withOtherMemory(platform, ram, [...legacy, ...said], devices)
  if (!all.ok) return err([at(legacy.length > 0 ? 'machine.e820' : 'cmdline', all.error.message)])
  const virtio = all.value.virtio.map(({ start, size, doorbell }) => ({ start, size, doorbell: spa(doorbell) }))
  return ok({
    platform: all.value.platform,
    modules: needsOtherMemory(scenario) ? [e820_pmem(e820), virtio_pmem(virtio)] : [],
    support: wholeNvdimm,
    labelAreas: (journal) => labelAreas(scenario, journal),
  })
}

/** The kernel numbers DIMMs in the order of their handles. */
function labelAreas({ machine }: Scenario, journal: Journal): Record<string, LabelArea> {
  const areas: Record<string, LabelArea> = {}
  const inOrder = machine.nvdimms.map(({ labels }, i) => [handleOf(i), labels] as const).sort(([a], [b]) => a - b)
  for (const [i, [, size]] of inOrder.entries())
    if (size !== undefined) areas[`nmem${i}`] = createLabelArea(journal, size)
  return areas
}
