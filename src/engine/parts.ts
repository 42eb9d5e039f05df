/** The two halves of a machine, built from its scenario: the hardware, and the kernel that boots on it. */

import type { Scenario } from '../scenario/scenario.ts'
import { addressMap, controllersOf } from './address-map.ts'
import type { Platform } from './firmware/platform-of-nfit.ts'
import { Hardware } from './hw/hardware.ts'
import { rwbs } from './linux/include/linux/blk_types.ts'
import { createKernel, type Kernel } from './linux/kernel.ts'
import type { Release } from './linux/releases.ts'
import type { Cells } from './sim/cells.ts'
import type { Cpu } from './sim/cpu.ts'
import type { Journal } from './sim/journal.ts'
import type { Recorder } from './sim/recorder.ts'
import { type Kept, RAM, type Workload } from './workload.ts'

/** `directing`: does a director decide? Asked at every fence. */
export function hardwareOf(o: {
  readonly scenario: Scenario
  readonly platform: Platform
  readonly workload: Workload
  readonly cells: Cells
  readonly recorder: Recorder
  directing(): boolean
}): Hardware {
  const { scenario, platform, workload } = o
  const controllers = controllersOf(platform)
  return new Hardware(
    {
      ...scenario.machine,
      controllers: controllers.length,
      dimms: platform.dimms.length,
      cas: scenario.model.cas,
      // A director says when a fence is done; until then its thread may go on as far as the ordering table lets it.
      get sfence_retires() {
        return o.directing()
      },
    },
    addressMap(platform, controllers, (at) => workload.initial(at)),
    o.cells,
    o.recorder,
  )
}

export function kernelOf(o: {
  readonly scenario: Scenario
  readonly platform: Platform
  readonly workload: Workload
  readonly release: Release
  readonly journal: Journal
  readonly recorder: Recorder
  readonly cpu: Cpu
  readonly kept: Kept
}): Kernel {
  const { scenario, recorder, journal, workload } = o
  const { trace } = recorder
  const from = trace.length
  const kernel: Kernel = createKernel({
    journal,
    cpu: o.cpu,
    release: o.release,
    cmdline: scenario.cmdline ?? '',
    configOff: scenario.configOff ?? [],
    modules: workload.memory?.modules ?? [],
    ...workload.memory?.support,
    ...o.kept,
    nfit: o.platform.nfit,
    seed: scenario.machine.seed,
    ram: RAM,
    cpuFeatures: scenario.machine.cpu,
    onPrintk: (level, text) => recorder.thread('log', trace.intern(`${level} ${text}`), 0),
    printed: () => workload.shell?.log(trace, journal, kernel, from) ?? [],
    storeLabel: (area, offset, store) => {
      if (recorder.paused) return false
      store()
      const areas = o.kept.labelAreas ?? {}
      const dimm = Object.keys(areas).find((name) => areas[name] === area) ?? ''
      recorder.instruction('label', trace.intern(dimm), offset)
      return true
    },
    onBio: (bio, stripped) => {
      const { bi_bdev, sector, nr_sectors } = bio
      const text = `${bi_bdev.bd_disk.disk_name} ${rwbs(bio)} ${sector} ${nr_sectors}`
      recorder.thread('bio', trace.intern(text), stripped ? 1 : 0)
    },
    onSysfs: (path, text) => recorder.thread('sysfs', trace.intern(`${path} ${text}`), 0),
  })
  return kernel
}
