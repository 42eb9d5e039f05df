/** A litmus test with its decision: is it what the file expects under the chosen model? */

import type { Model } from '../engine/explore/model.ts'
import { expectedUnder } from '../engine/litmus/expected.ts'
import type { LitmusTest, Verdict } from '../engine/litmus/test.ts'
import type { LitmusDecision } from './engine-port.ts'

export interface DecidedTest {
  readonly file: string
  readonly test: LitmusTest
  readonly model: Model
  readonly expected: Verdict | undefined
  /** Under the default model only. */
  readonly expectedImages: number | undefined
  readonly decision: LitmusDecision
  readonly standing: 'expected' | 'wrong' | 'undecided' | 'open'
}

export function besideExpectation(run: Pick<DecidedTest, 'file' | 'test' | 'model' | 'decision'>): DecidedTest {
  const { decision, model, test } = run
  const usual = model.unit === 'line' && model.movnt === 'visible' && model.cas === 'sdm'
  const expected = expectedUnder(test, model)
  const expectedImages = usual ? test.images : undefined
  const images = imagesOf(decision)
  const wrong =
    (decision.verdict !== 'undecided' && expected !== undefined && decision.verdict !== expected) ||
    (images !== undefined && expectedImages !== undefined && images !== BigInt(expectedImages))
  const right = expected === undefined ? 'open' : 'expected'
  const standing = wrong ? 'wrong' : decision.verdict === 'undecided' ? 'undecided' : right
  return { ...run, expected, expectedImages, standing }
}

/** A search that was cut off has not counted them. */
export const imagesOf = ({ complete, images }: LitmusDecision): bigint | undefined => (complete ? images : undefined)
