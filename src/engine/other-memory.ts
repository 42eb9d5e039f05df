/**
 * A scenario's persistent memory that no NFIT describes, and label areas: as hardware, and as what the kernel needs to
 * find them. A machine that has none of it does without this file and the drivers that it brings.
 */

import { type Spa, spa } from '../base/brand.ts'
import type { Diagnostic } from '../base/diagnostic.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { MediaErrorConfig, Scenario } from '../scenario/scenario.ts'
import { CLEAR_ERR_UNIT, type MediaRecord, mediaRecords } from './firmware/media-errors.ts'
import { withOtherMemory } from './firmware/other-memory.ts'
import { handleOf } from './firmware/platform.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import { createLabelArea } from './hw/label-area.ts'
import { createMediaErrors } from './hw/media-errors.ts'
import { createSavedSegment } from './hw/saved-segments.ts'
import { axonram } from './linux/arch/powerpc/sysdev/axonram.ts'
import { parse_memmap } from './linux/arch/x86/kernel/e820.ts'
import { partition_tables } from './linux/block/partitions/core.ts'
import { brd } from './linux/drivers/block/brd.ts'
import { e820_pmem } from './linux/drivers/nvdimm/e820.ts'
import { virtio_pmem } from './linux/drivers/nvdimm/virtio_pmem.ts'
import { dcssblk } from './linux/drivers/s390/block/dcssblk.ts'
import { ext2_fs_type, ext3_fs_type, ext4_fs_type } from './linux/fs/ext4/super.ts'
import { vfs } from './linux/fs/mounted.ts'
import type { LabelArea } from './linux/include/linux/libnvdimm.ts'
import type { KernelModule } from './linux/include/linux/module.ts'
import { parseRelease } from './linux/releases.ts'
import type { Journal } from './sim/journal.ts'
import { wholeNvdimm, wholeNvdimmWithErrors } from './whole-nvdimm.ts'
import {
  needsOtherMemory,
  type OtherMemory,
  type PrepareInput,
  RAM,
  usesFileSystems,
  usesPartitions,
} from './workload.ts'

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
  const records: MediaRecord[] = []
  const errors: Diagnostic[] = []
  const release = parseRelease(scenario.kernel)
  if (scenario.machine.axonram !== undefined && release.ok && release.value.features.has('without_axonram'))
    errors.push(at('machine.axonram', `${scenario.kernel} has no driver for it: CONFIG_AXON_RAM is gone`))
  for (const [i, error] of (scenario.machine.media_errors ?? []).entries()) {
    const found = recordsOf(scenario, all.value.platform, error)
    if (found.ok) records.push(...found.value)
    else errors.push(at(`machine.media_errors.${i}`, found.error))
  }
  if (errors.length > 0) return err(errors)
  return ok({
    platform: all.value.platform,
    modules: needsOtherMemory(scenario) ? [e820_pmem(e820), virtio_pmem(virtio), ...diskModules(scenario)] : [],
    support: {
      ...(scenario.machine.media_errors === undefined ? wholeNvdimm : wholeNvdimmWithErrors),
      ...(usesPartitions(scenario) ? { partitions: partition_tables } : {}),
      ...(usesFileSystems(scenario) ? { vfs, filesystems: [ext4_fs_type, ext3_fs_type, ext2_fs_type] } : {}),
    },
    kept: (journal) => ({
      labelAreas: labelAreas(scenario, journal),
      savedSegments: segmentsOf(scenario).map((segment) => createSavedSegment(journal, segment)),
      ...(scenario.machine.media_errors === undefined
        ? {}
        : { mediaErrors: createMediaErrors(journal, records, CLEAR_ERR_UNIT) }),
    }),
  })
}

/** Where memory begins that is neither the kernel's nor an NVDIMM: a DCSS, a bank behind the Axon bridge. */
const FAR_MEMORY = 0x4000_0000

const behindEachOther = <T extends { readonly size: number }>(all: readonly T[]): readonly (T & { start: Spa })[] => {
  let next = FAR_MEMORY
  return all.map((each) => {
    const start = spa(next)
    next += each.size
    return { ...each, start }
  })
}

const segmentsOf = ({ machine }: Scenario) => behindEachOther(machine.dcssblk ?? [])

/** Disks of memory that no battery stands behind. */
function diskModules({ machine }: Scenario): readonly KernelModule[] {
  const { brd: disks, dcssblk: segments, axonram: banks } = machine
  return [
    ...(disks === undefined ? [] : [brd(disks.map(({ size }) => size))]),
    ...(segments === undefined ? [] : [dcssblk(segments.map(({ name }) => name))]),
    ...(banks === undefined ? [] : [axonram(behindEachOther(banks))]),
  ]
}

function recordsOf({ machine }: Scenario, platform: Platform, error: MediaErrorConfig) {
  const handles = machine.nfit === undefined ? machine.nvdimms.map((_, i) => handleOf(i)) : handlesOf(platform)
  const dimm = platform.dimms.findIndex(({ handle }) => handle === handles[error.nvdimm])
  if (dimm < 0) return err(`there is no NVDIMM ${error.nvdimm}, counted from 0`)
  return mediaRecords(platform, { ...error, dimm })
}

const handlesOf = ({ dimms }: Platform): readonly number[] => dimms.map(({ handle }) => handle)

/** The kernel numbers DIMMs in the order of their handles. */
function labelAreas({ machine }: Scenario, journal: Journal): Record<string, LabelArea> {
  const areas: Record<string, LabelArea> = {}
  const inOrder = machine.nvdimms.map(({ labels }, i) => [handleOf(i), labels] as const).sort(([a], [b]) => a - b)
  for (const [i, [, size]] of inOrder.entries())
    if (size !== undefined) areas[`nmem${i}`] = createLabelArea(journal, size)
  return areas
}
