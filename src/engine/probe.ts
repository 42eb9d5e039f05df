/**
 * A binary NFIT, and what the kernel makes of it: a machine that is only booted.
 *
 * Memory answers at every address, with zeros: the table may describe whatever it likes.
 */

import type { Spa } from '../base/brand.ts'
import { err, ok, type Result } from '../base/result.ts'
import { decodeNfit } from './firmware/acpi/nfit-decode.ts'
import { Core } from './hw/cpu/core.ts'
import { Hardware } from './hw/hardware.ts'
import { policy } from './hw/policy.ts'
import { start_kernel } from './linux/init/main.ts'
import { createKernel } from './linux/kernel.ts'
import { describeNvdimms } from './linux/nvdimm-report.ts'
import { parseRelease } from './linux/releases.ts'
import { Cells } from './sim/cells.ts'
import { Journal } from './sim/journal.ts'
import type { CallRecord } from './sim/kfunc.ts'
import { Recorder } from './sim/recorder.ts'
import { Thread } from './sim/thread.ts'
import { Trace } from './sim/trace.ts'

export interface ProbeOptions {
  readonly release?: string
  /** Bytes of the blank label area of a DIMM, by its name ("nmem0"). */
  readonly labelSizes: ReadonlyMap<string, number>
}

interface LogLine {
  readonly level: string
  readonly text: string
}

const RELEASE = 'v6.1'
/** A table that keeps the kernel longer than this is not one that a machine could boot with. */
const MOST_STEPS = 5_000_000

export function nfitReport(
  bytes: Uint8Array,
  options: ProbeOptions,
): Result<{ readonly report: object; readonly probeFailed: boolean }, string> {
  const table = decodeNfit(bytes)
  if (!table.ok) return err(`byte ${table.error.offset}: ${table.error.message}`)
  const release = parseRelease(options.release ?? RELEASE)
  if (!release.ok) return err(release.error)

  const cells = new Cells()
  const recorder = new Recorder(new Trace(cells), MOST_STEPS)
  const config = {
    cores: 1,
    controllers: 1,
    dimms: 0,
    cas: 'sdm' as const,
    cpu: { clwb: true, clflushopt: true, movdir64b: false, avx: false, clwb_evicts: false },
    caches: { l1: { sets: 64, ways: 8 }, l3: { sets: 256, ways: 16 } },
    store_buffer: 56,
    wc_buffers: 10,
    wpq: 16,
  }
  const memory = { decode: anywhere, initial: () => undefined }
  const hw = new Hardware(config, memory, cells, recorder)
  const dmesg: LogLine[] = []
  const kernel = createKernel({
    journal: new Journal(),
    cpu: new Core(0, hw, policy('lazy', 0), { count: 0 }),
    release: release.value,
    cmdline: '',
    nfit: bytes,
    seed: 1,
    ram: { spa: 0x800_0000 as Spa, length: 0x800_0000 },
    labelSizes: Object.fromEntries(options.labelSizes),
    onPrintk: (level, text) => {
      dmesg.push({ level, text })
    },
    onSysfs: () => {},
  })
  const thread = new Thread(0, 'kernel', 0, recorder)
  thread.start(start_kernel(kernel) as unknown as CallRecord)
  recorder.actor = thread
  if (thread.turn().kind !== 'ended') return err('the kernel does not come to an end with this table')
  const { probe, ...said } = describeNvdimms(kernel)
  const known = said.dimms.map(({ dev }) => dev)
  for (const name of options.labelSizes.keys())
    if (!known.includes(name))
      return err(`there is no ${name} to give labels to; the table has ${known.join(', ') || 'none'}`)
  const { header, subtables, problems } = table.value
  return ok({ report: { table: { header, subtables }, problems, dmesg, ...said }, probeFailed: probe < 0 })
}

const anywhere = (at: Spa) => ({ kind: 'nvdimm', dimm: 0, dpa: at, controller: 0 }) as const
