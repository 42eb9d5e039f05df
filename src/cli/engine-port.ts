/**
 * What the commands need of the engine: text in, a report out. The shapes are the keys of `--json` (design.md §8);
 * a key that is not delivered yet is absent.
 */

import type { Diagnostic } from '../base/diagnostic.ts'
import type { Result } from '../base/result.ts'
import type { Model } from '../engine/explore/model.ts'
import type { RunReport } from '../engine/inspect/report.ts'
import type { LitmusTest, Verdict } from '../engine/litmus/test.ts'
import type { Comparison, RunFacts } from '../protocol/compare.ts'
import type { CommandOutcome } from '../protocol/interventions.ts'
import type { ParsedScenario } from '../scenario/parse-with.ts'

export interface EnginePort {
  /** `text`: the whole scenario, for line numbers and quotations. */
  run(scenario: ParsedScenario, text: string, options: RunOptions): Result<RunOutcome, readonly Diagnostic[]>
  /** The error names the place in the table. */
  nfit(bytes: Uint8Array, options: NfitOptions): Result<NfitOutcome, string>
  litmus(test: LitmusTest, options: LitmusOptions): LitmusDecision
  compare(runs: readonly RunFacts[]): Comparison
  /** What a shell command prints on the machine of a scenario, before its program begins. */
  atPrompt(
    scenario: ParsedScenario,
    text: string,
    command: string,
  ): Result<
    { readonly outcome: CommandOutcome | undefined; readonly problem: string | undefined },
    readonly Diagnostic[]
  >
}

export interface RunOptions {
  /** Where the power fails: a step of the recording, its end, or the first time a program line has run. */
  readonly crashAt?: number | 'end' | { readonly line: number }
  /** Disks whose bytes are wanted: what the power failure leaves, or without one what has been written in the end. */
  readonly images?: readonly string[]
  /** The run is to be compared with others. */
  readonly compared?: boolean
}

interface RunOutcome {
  readonly report: RunReport
  /** Where it is to be compared. */
  readonly facts?: RunFacts
  /** By disk, as it was named. */
  readonly images: ReadonlyMap<string, Uint8Array>
}

interface NfitOptions {
  readonly release?: string
  /** Label area of a DIMM, by its name ("nmem0"): its contents, or the size of a blank one. */
  readonly labels: ReadonlyMap<string, number | Uint8Array>
  /** The initrd brings the table: the kernel looks at its length and checksum first. */
  readonly initrd: boolean
}

interface Finding {
  readonly offset: number
  readonly severity: string
  readonly message: string
}

/** The keys of `nfit --json`; those that the command itself reads. */
export interface NfitReport {
  readonly check: readonly Finding[]
  /** By DIMM that was given a label area. */
  readonly labels: Readonly<Record<string, readonly Finding[]>>
  readonly dmesg: readonly { readonly level: string; readonly text: string }[]
}

interface NfitOutcome {
  readonly report: NfitReport
  /** The kernel's probe of this table failed. */
  readonly probeFailed: boolean
}

interface LitmusOptions {
  readonly model: Model
  readonly maxStates: number
  /** Asked now and then; true ends the search as undecided. */
  readonly stop?: () => boolean
}

export interface LitmusDecision {
  readonly verdict: Verdict | 'undecided'
  readonly states: number
  /** Nothing was left out. */
  readonly complete: boolean
  /** Why it is undecided. */
  readonly because?: string
  /** Distinct images after the power failure; undefined when the test has none. */
  readonly images: bigint | undefined
  readonly outcomes: readonly {
    readonly values: readonly { readonly name: string; readonly value: bigint }[]
    readonly satisfies: boolean
  }[]
  /** There are more outcomes than are listed. */
  readonly outcomesCut: boolean
}
