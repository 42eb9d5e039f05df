/**
 * A binary NFIT, and what the kernel makes of it: a machine that is only booted.
 *
 * Memory answers at every address, with zeros: the table may describe whatever it likes.
 */

import type { Spa } from '../base/brand.ts'
import { err, ok, type Result } from '../base/result.ts'
import { checkNfit } from './firmware/acpi/nfit-check.ts'
import { decodeNfit, type NfitTable } from './firmware/acpi/nfit-decode.ts'
import { looksLikeDsl, tableOfDsl } from './firmware/acpi/nfit-dsl.ts'
import type { NfitFinding } from './firmware/acpi/nfit-finding.ts'
import { labelAreaSize } from './firmware/label-size.ts'
import { Core } from './hw/cpu/core.ts'
import { Hardware } from './hw/hardware.ts'
import { createLabelArea } from './hw/label-area.ts'
import { policy } from './hw/policy.ts'
import { checkLabels, type LabelFinding } from './label-check.ts'
import { poison_support } from './linux/drivers/acpi/nfit/poison_support.ts'
import { acpi_table_upgrade } from './linux/drivers/acpi/tables.ts'
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
import { wholeNvdimm } from './whole-nvdimm.ts'

export interface ProbeOptions {
  readonly release?: string
  /** Label area of a DIMM, by its name ("nmem0"): its contents, or the size of a blank one. */
  readonly labels: ReadonlyMap<string, number | Uint8Array>
  /** The table does not come from firmware: the initrd brings it. */
  readonly initrd?: boolean
}

/** The keys of `nfit --json`: a table, what is wrong with it and with the label areas, the log, and what `describeNvdimms` says. */
interface NfitReport {
  readonly table: Pick<NfitTable, 'header' | 'subtables'>
  readonly check: readonly NfitFinding[]
  /** By DIMM. */
  readonly labels: Readonly<Record<string, readonly LabelFinding[]>>
  readonly dmesg: readonly LogLine[]
}

interface LogLine {
  readonly level: string
  readonly text: string
}

const RELEASE = 'v6.1'
/** Bytes of a label area; real DIMMs have 128 KiB. */
const MOST_LABELS = 16 * 1024 * 1024
/** 'N' of "NFIT". */
const SIGNATURE = 0x4e
/** Bytes: more than iasl prints of any table that is read. */
const MOST_TEXT = 4_000_000
/** A table that keeps the kernel longer than this is not one that a machine could boot with. */
const MOST_STEPS = 5_000_000

/** `given`: a binary table, or what `iasl -d` says of one. */
export function nfitReport(
  given: Uint8Array,
  options: ProbeOptions,
): Result<{ readonly report: NfitReport; readonly probeFailed: boolean }, string> {
  const binary = given[0] === SIGNATURE || given.length > MOST_TEXT
  const text = binary ? '' : new TextDecoder().decode(given)
  const read = looksLikeDsl(text) ? tableOfDsl(text) : ok(given)
  if (!read.ok) return read
  const bytes = read.value
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
  const refused = options.initrd ? acpi_table_upgrade(bytes, 'kernel/firmware/acpi/NFIT.aml') : undefined
  if (refused !== undefined) dmesg.push({ level: 'err', text: refused })
  const journal = new Journal()
  const areas = [...options.labels].map(([name, area]) => {
    const [size, contents] = typeof area === 'number' ? [area] : [labelAreaSize(area, MOST_LABELS), area]
    return [name, createLabelArea(journal, size, contents)] as const
  })
  // As they are before the kernel sees them.
  const labels = Object.fromEntries(areas.map(([name, area]) => [name, checkLabels(area.read(0, area.size))]))
  const kernel = createKernel({
    journal,
    cpu: new Core(0, hw, policy('lazy', 0), { count: 0 }),
    release: release.value,
    cmdline: '',
    nfit: refused === undefined ? bytes : undefined,
    nvdimmRoot: true,
    seed: 1,
    ram: { spa: 0x800_0000 as Spa, length: 0x800_0000 },
    labelAreas: Object.fromEntries(areas),
    poison: poison_support,
    ...wholeNvdimm,
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
  for (const name of refused === undefined ? options.labels.keys() : [])
    if (!known.includes(name))
      return err(`there is no ${name} to give labels to; the table has ${known.join(', ') || 'none'}`)
  const { header, subtables } = table.value
  const check = checkNfit(table.value)
  return ok({
    report: { table: { header, subtables }, check, labels, dmesg, ...said },
    probeFailed: probe < 0 || refused !== undefined,
  })
}

const anywhere = (at: Spa) => ({ kind: 'nvdimm', dimm: 0, dpa: at, controller: 0 }) as const
