/** `pmemscope run FILE`: records a scenario and reports what happened, and what a power failure loses. */

import { err, ok, type Result } from '../../base/result.ts'
import type { RunReport } from '../../engine/inspect/report.ts'
import type { RunFacts } from '../../protocol/compare.ts'
import { readScenario } from '../../scenario/read.ts'
import type { Setting } from '../../scenario/settings.ts'
import type { Arguments } from '../arguments.ts'
import {
  type Command,
  complain,
  FINE,
  JSON_OPTION,
  json,
  nameOf,
  printDiagnostics,
  readText,
  SET_OPTION,
  settingsOf,
  UNDECIDED,
  type World,
} from '../command.ts'
import type { RunOptions } from '../engine-port.ts'
import { printComparison } from '../print-comparison.ts'
import { printRun } from '../print-run.ts'

export const runCommand: Command = {
  name: 'run',
  operands: ['FILE'],
  summary: 'record a scenario; print its output, dmesg, counts, and what a power failure loses',
  options: {
    kernel: { value: 'RELEASE', many: true, summary: 'run under this release; several are compared, as a table' },
    'crash-at': { value: 'STEP', summary: 'cut the power there: a step number, line:N, or end' },
    json: JSON_OPTION,
    set: SET_OPTION,
    image: {
      value: 'DEVICE=OUT',
      many: true,
      summary: 'write what /dev/pmemN holds after the power failure, or without --crash-at in the end',
    },
    trace: { value: 'NAMES', summary: 'trace events', later: true },
    unit: { value: 'line|word', summary: 'what reaches media as one: a cache line, or each eight-byte word by itself' },
    nt: { value: 'visible|fence', summary: 'when a non-temporal store is durable: once visible, or at the next fence' },
    cas: { value: 'sdm|paper', summary: 'a failed compare-and-swap: a full barrier, or a plain read' },
  },
  run,
}

async function run(given: Arguments, world: World): Promise<number> {
  const [path = ''] = given.operands
  const settings = settingsOf(given)
  if (!settings.ok) return complain(world, settings.error)
  const crash = parseCrashAt(given.one('crash-at'))
  if (!crash.ok) return complain(world, crash.error)
  const images = imagesOf(given)
  if (!images.ok) return complain(world, images.error)
  const text = await readText(world, path)
  if (!text.ok) return complain(world, text.error)

  const releases = given.all('kernel')
  const compared = releases.length > 1 && !given.has('json')
  const options = {
    ...crash.value,
    ...(compared ? { compared } : {}),
    ...(images.value.size === 0 ? {} : { images: [...images.value.keys()] }),
  }
  const reports: RunReport[] = []
  const runs: RunFacts[] = []
  for (const release of releases.length === 0 ? [undefined] : releases) {
    const kernel =
      release === undefined ? [] : [{ path: 'kernel', value: JSON.stringify(release), spelled: `--kernel ${release}` }]
    const scenario = readScenario(text.value, [...settings.value, ...modelSettings(given), ...kernel])
    if (!scenario.ok) return printDiagnostics(world, scenario.error, text.value, path)
    const done = world.engine.run(scenario.value, text.value, options)
    if (!done.ok) return printDiagnostics(world, done.error, text.value, path)
    reports.push(done.value.report)
    if (done.value.facts !== undefined) runs.push(done.value.facts)
    for (const [device, bytes] of done.value.images) {
      const out = images.value.get(device) ?? ''
      const failed = await world.terminal.write(out, bytes)
      if (failed !== undefined) return complain(world, `--image ${device}=${out}: ${failed}`)
    }
  }
  if (given.has('json')) world.terminal.out(json(releases.length > 1 ? reports : reports[0]))
  else if (compared) world.terminal.out(printComparison(world.engine.compare(runs)))
  else world.terminal.out(reports.map(printRun).join('\n'))
  const failed = reports.find(({ problem }) => problem?.setup)?.problem
  if (failed !== undefined) return complain(world, `${nameOf(path)}:${failed.line}: setup: ${failed.message}`)
  const undecided = reports.some(
    ({ problem, crash }) => problem?.budget || (crash !== null && crash.images === undefined),
  )
  return undecided ? UNDECIDED : FINE
}

/** Where each disk's bytes go. */
function imagesOf(given: Arguments): Result<ReadonlyMap<string, string>, string> {
  const images = new Map<string, string>()
  for (const text of given.all('image')) {
    const [, device = '', out = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (out === '') return err(`--image ${text}: expected DEVICE=OUT`)
    if (images.has(device)) return err(`--image ${text}: ${device} is given twice`)
    images.set(device, out)
  }
  if (images.size > 0 && given.all('kernel').length > 1) return err('--image: of which release? There are several')
  return ok(images)
}

/** The options that choose the model, as the front-matter keys that they override. */
function modelSettings(given: Arguments): readonly Setting[] {
  return (['unit', 'nt', 'cas'] as const).flatMap((option) => {
    const value = given.one(option)
    const path = `model.${option === 'nt' ? 'movnt' : option}`
    return value === undefined ? [] : [{ path, value, spelled: `--${option} ${value}` }]
  })
}

function parseCrashAt(text: string | undefined): Result<RunOptions, string> {
  if (text === undefined) return ok({})
  if (text === 'end') return ok({ crashAt: 'end' })
  const match = /^(line:)?(\d{1,10})$/.exec(text)
  if (match === null) return err(`--crash-at ${text}: expected a step number, line:N or end`)
  const number = Number(match[2])
  return ok({ crashAt: match[1] === undefined ? number : { line: number } })
}
