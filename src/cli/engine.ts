/** The engine behind the commands. */

import { diagnostic } from '../base/diagnostic.ts'
import { err, ok } from '../base/result.ts'
import { atPrompt } from '../engine/at-prompt.ts'
import { compareRuns } from '../engine/inspect/compare.ts'
import { deviceImage } from '../engine/inspect/device-image.ts'
import { runFacts } from '../engine/inspect/facts.ts'
import { crashStep, runReport } from '../engine/inspect/report.ts'
import { decide } from '../engine/litmus/decide.ts'
import { prepareAny } from '../engine/prepare.ts'
import { nfitReport } from '../engine/probe.ts'
import { record } from '../engine/record.ts'
import type { EnginePort } from './engine-port.ts'

export const engine: EnginePort = {
  run(scenario, text, { crashAt, images: wanted = [], compared = false }) {
    const recording = record(scenario, text, { prepare: prepareAny })
    if (!recording.ok) return err(recording.error)
    const step = crashAt === undefined ? undefined : crashStep(recording.value, crashAt)
    if (crashAt !== undefined && step === undefined) {
      const place =
        typeof crashAt === 'object' ? `no step is recorded for line ${crashAt.line}` : `there is no step ${crashAt}`
      const message = `${place}; the recording has ${recording.value.steps} steps`
      return err([{ ...diagnostic(1, 1, 1, message), setting: '--crash-at' }])
    }
    const images = new Map<string, Uint8Array>()
    for (const device of wanted) {
      const at = step ?? crashStep(recording.value, 'end') ?? 0
      const image = deviceImage(recording.value, device, at, step !== undefined)
      if (!image.ok) return err([{ ...diagnostic(1, 1, 1, image.error), setting: `--image ${device}` }])
      images.set(device, image.value)
    }
    const facts = compared ? runFacts(recording.value, step ?? crashStep(recording.value, 'end')) : undefined
    return ok({ report: runReport(recording.value, step), images, ...(facts === undefined ? {} : { facts }) })
  },
  compare: compareRuns,
  nfit: nfitReport,
  litmus: decide,
  atPrompt,
}
