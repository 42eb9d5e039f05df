/** What a page needs to know of a recording as a whole. */

import type { RecoverOutcome, Summary } from '../../protocol/messages.ts'
import type { Recording } from './recording.ts'

export function summary(recording: Recording): Summary {
  const { machine } = recording
  const { scenario } = machine
  const named = machine.threads.filter((thread) => scenario.threads.includes(thread.name))
  const recover = recoverOutcome(recording)
  return {
    title: scenario.title,
    release: machine.release.name,
    steps: recording.steps,
    ticks: machine.ticks,
    programStart: Math.max(0, machine.programStart),
    end: machine.end < 0 ? recording.steps - 1 : machine.end,
    threads: named.map(({ name, core }) => ({ name, core })),
    cores: machine.hw.config.cores,
    storage: storage(recording),
    domain: machine.power.power_fail,
    hash: recording.hash(),
    ...(machine.failedAt < 0 ? {} : { failedAt: machine.failedAt }),
    ...(recover === undefined ? {} : { recover }),
    ...(machine.problem === undefined ? {} : { problem: machine.problem }),
    ...(machine.workload.litmus === undefined ? {} : { litmus: machine.workload.litmus.view() }),
    unresolved: machine.unresolved,
    taken: Object.fromEntries(machine.taken),
    ...(machine.commands.size === 0 ? {} : { commands: Object.fromEntries(machine.commands) }),
    policy: scenario.machine.policy,
  }
}

function recoverOutcome(recording: Recording): RecoverOutcome | undefined {
  const { recovered } = recording.machine
  if (recovered === undefined) return undefined
  const output = recording
    .texts('output', recording.steps - 1)
    .filter(({ step }) => step >= recovered.from)
    .map(({ text }) => text)
    .join('')
  const { status, message } = recovered
  return { ...(status === undefined ? {} : { status }), broken: status !== 0, output, message }
}

/** "/dev/mapper/log ← /dev/pmem0 ← region0 ← NVDIMM 0, 1": the way from a file to the DIMMs. */
function storage(recording: Recording): string {
  const { machine } = recording
  return machine.platform.ranges
    .map((range, index) => {
      const dimms = [...new Set(range.mappings.map((mapping) => mapping.dimm))].join(', ')
      const file = recording.fileOf(range.spa + range.length / 2, machine.programStart)?.file
      const files = file === undefined ? [] : [...mappedOver(recording, file), file]
      return [...files, `region${index}`, `NVDIMM ${dimms}`].join(' ← ')
    })
    .join(' · ')
}

/** The mapped devices above a disk when the program begins, the highest first; of several the first that was made. */
function mappedOver({ machine }: Recording, file: string): readonly string[] {
  const step = Math.max(0, machine.programStart)
  const kernel = machine.lives.findLast(({ from }) => from <= step)?.kernel
  const { dm } = kernel?.options ?? {}
  if (kernel === undefined || dm === undefined) return []
  return machine.journal.at(step, () => {
    const devices = [...dm.devices(kernel)].sort((a, b) => a.disk.first_minor - b.disk.first_minor)
    const over = (disk: string): readonly string[] => {
      const above = devices.find(({ table_devices }) => table_devices.some((each) => each.disk.disk_name === disk))
      return above === undefined ? [] : [...over(above.disk.disk_name), `/dev/mapper/${above.name}`]
    }
    return over(file.slice('/dev/'.length))
  })
}
