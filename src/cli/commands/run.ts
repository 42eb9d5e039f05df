/** `pmemscope run FILE`: records a scenario and reports what happened, and what a power failure loses. */

import { err, ok, type Result } from '../../base/result.ts'
import type { RunReport } from '../../engine/inspect/report.ts'
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
import { printRun } from '../print-run.ts'

export const runCommand: Command = {
  name: 'run',
  operands: ['FILE'],
  summary: 'record a scenario; print its output, dmesg, counts, and what a power failure loses',
  options: {
    kernel: { value: 'RELEASE', many: true, summary: 'run under this release; several give several reports' },
    'crash-at': { value: 'STEP', summary: 'cut the power there: a step number, line:N, or end' },
    json: JSON_OPTION,
    set: SET_OPTION,
    image: {
      value: 'DEVICE=OUT',
      many: true,
      summary: 'write what a device holds after the power failure',
      later: true,
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
  const text = await readText(world, path)
  if (!text.ok) return complain(world, text.error)

  const releases = given.all('kernel')
  const reports: RunReport[] = []
  for (const release of releases.length === 0 ? [undefined] : releases) {
    const kernel =
      release === undefined ? [] : [{ path: 'kernel', value: JSON.stringify(release), spelled: `--kernel ${release}` }]
    const scenario = readScenario(text.value, [...settings.value, ...modelSettings(given), ...kernel])
    if (!scenario.ok) return printDiagnostics(world, scenario.error, text.value, path)
    const report = world.engine.run(scenario.value, text.value, crash.value)
    if (!report.ok) return printDiagnostics(world, report.error, text.value, path)
    reports.push(report.value)
  }
  if (given.has('json')) world.terminal.out(json(releases.length > 1 ? reports : reports[0]))
  else world.terminal.out(reports.map(printRun).join('\n'))
  const failed = reports.find(({ problem }) => problem?.setup)?.problem
  if (failed !== undefined) return complain(world, `${nameOf(path)}:${failed.line}: setup: ${failed.message}`)
  const undecided = reports.some(
    ({ problem, crash }) => problem?.budget || (crash !== null && crash.images === undefined),
  )
  return undecided ? UNDECIDED : FINE
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
