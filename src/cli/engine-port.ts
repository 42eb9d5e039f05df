/**
 * What the commands need of the engine: text in, a report out. The shapes are the keys of `--json` (design.md §8);
 * a key that is not delivered yet is absent.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Result } from '../base/result.ts'
import type { ParsedScenario } from '../scenario/parse.ts'

export interface EnginePort {
  /** `text`: the whole scenario, for line numbers and quotations. */
  run(scenario: ParsedScenario, text: string, options: RunOptions): Result<RunReport, readonly Diagnostic[]>
  /** The error names the place in the table. */
  nfit(bytes: Uint8Array, options: NfitOptions): Result<NfitOutcome, string>
}

export interface RunOptions {
  /** Where the power fails: a step of the recording, its end, or the first time a program line has run. */
  readonly crashAt?: number | 'end' | { readonly line: number }
}

interface LostReport {
  readonly spa?: number
  readonly length: number
  /** store-buffer, l1, l3, wc, wpq, page-cache, buffer-cache. */
  readonly where?: string
  readonly file?: string | null
  readonly offset?: number | null
  readonly block?: number
  readonly line?: number
}

export interface RunReport {
  readonly release: string
  readonly steps: number
  readonly programStart: number
  readonly stdout: string
  /** Exit code by thread. */
  readonly exit: Readonly<Record<string, number | null>>
  readonly dmesg: readonly { readonly step: number; readonly level: string; readonly text: string }[]
  readonly counts: Readonly<Record<string, number>>
  readonly countsByFunction?: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly setupCounts?: Readonly<Record<string, number>>
  readonly hash: string
  readonly crash: {
    readonly step: number
    readonly lostBytes: number
    readonly lost: readonly LostReport[]
    readonly mayLoseBytes?: number
    readonly mayLose?: readonly LostReport[]
  } | null
  /** What ended the run before its end; `budget`: it was cut off, so nothing is decided. */
  readonly problem?: { readonly message: string; readonly line: number; readonly budget: boolean }
}

interface NfitOptions {
  readonly release?: string
  /** Bytes of the blank label area of a DIMM, by its name ("nmem0"). */
  readonly labelSizes: ReadonlyMap<string, number>
}

interface NfitOutcome {
  /** The keys of `nfit --json`. */
  readonly report: object
  /** The kernel's probe of this table failed. */
  readonly probeFailed: boolean
}
