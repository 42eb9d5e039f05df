/** What two recordings are compared by. */

import type { LossFacts, RunFacts } from '../../protocol/compare.ts'
import { all_devices } from '../linux/drivers/base/core.ts'
import { attributesOf } from './attributes.ts'
import { lossView } from './loss-view.ts'
import type { Recording } from './recording.ts'
import { runReport } from './report.ts'
import { Survivals } from './survivals.ts'

/** What does not depend on the place that is asked about, worked out once. */
const known = new WeakMap<Recording, Omit<RunFacts, 'loss'>>()

/** `step`: the place of a power failure; undefined: there is none to speak of. `survivals`: of this recording. */
export function runFacts(
  recording: Recording,
  step: number | undefined,
  survivals = new Survivals(recording),
): RunFacts {
  const facts = known.get(recording) ?? wholeRun(recording)
  known.set(recording, facts)
  return { ...facts, loss: step === undefined ? undefined : lossFacts(recording, step, survivals) }
}

function wholeRun(recording: Recording): Omit<RunFacts, 'loss'> {
  const { machine } = recording
  const report = runReport(recording, undefined)
  const { recovered } = machine
  return {
    title: machine.scenario.title,
    release: report.release,
    hash: report.hash,
    ends: {
      ...Object.fromEntries(Object.entries(report.exit).map(([thread, status]) => [`exit of ${thread}`, `${status}`])),
      ...(report.problem === undefined ? {} : { stopped: report.problem.message }),
      ...(recovered === undefined ? {} : { 'recover()': recovered.message }),
    },
    output: report.stdout + report.stderr,
    counts: report.counts,
    calls: callsOf(recording),
    log: report.dmesg.filter(({ level }) => level !== 'debug').map(({ text }) => text),
    attributes: sysfsOf(recording),
  }
}

const endOf = ({ machine, steps }: Recording): number => (machine.end < 0 ? steps - 1 : machine.end)

/** Calls of kernel functions that began between the program's start and its end. */
function callsOf(recording: Recording): Readonly<Record<string, number>> {
  const { trace, programStart } = recording.machine
  const end = endOf(recording)
  const calls: Record<string, number> = {}
  if (programStart < 0) return calls
  for (let frame = 1; frame < trace.frameFrom.length; frame++) {
    const from = trace.frameFrom.get(frame)
    const { name, file, kind } = trace.functionOf(frame)
    if (kind !== 'kernel' || from < programStart || from > end) continue
    const key = `${name} ${file}`
    calls[key] = (calls[key] ?? 0) + 1
  }
  return calls
}

/** Every attribute that can be read when the program has ended. */
function sysfsOf(recording: Recording): Readonly<Record<string, string>> {
  const { journal, lives } = recording.machine
  const end = endOf(recording)
  const kernel = lives.findLast(({ from }) => from <= end)?.kernel
  if (kernel === undefined) return {}
  return journal.at(end, () => {
    const attributes: Record<string, string> = {}
    for (const dev of all_devices(kernel))
      for (const { path, shown } of attributesOf(kernel, dev))
        if (shown !== undefined) attributes[path] = typeof shown === 'number' ? `(error ${-shown})` : shown
    return attributes
  })
}

/** Right after `step`, or at the power failure where the recording's lies before it. */
function lossFacts(recording: Recording, step: number, survivals: Survivals): LossFacts {
  const { failedAt } = recording.machine
  const at = failedAt > 0 && step >= failedAt ? failedAt - 1 : step
  const { mayLoseBytes, mayLose } = survivals.report(at)
  const places: Record<string, number> = {}
  for (const { spa, length, file, offset, block } of mayLose) {
    const place =
      file !== null
        ? `${file}+${offset ?? 0}`
        : block !== null
          ? `metadata, block ${block}`
          : `0x${(spa ?? 0).toString(16)}`
    places[place] = (places[place] ?? 0) + length
  }
  return { step: at, lostBytes: lossView(recording, at).lostBytes, mayLoseBytes, mayLose: places }
}
