/** What two or more recordings have in common and what they have not. */

/** What is compared of a recording. Counts, calls, log and attributes are those of the program, from its start to its end. */
export interface RunFacts {
  readonly title: string
  readonly release: string
  readonly hash: string
  /** Exit status by thread; why a program was stopped; what recover() said after a power failure. */
  readonly ends: Readonly<Record<string, string>>
  readonly output: string
  readonly counts: Readonly<Record<string, number>>
  /** Kernel functions by "name file", and how often each was called. */
  readonly calls: Readonly<Record<string, number>>
  /** Lines of the kernel's log from boot on, without debugging. */
  readonly log: readonly string[]
  /** By path in sysfs; what cannot be read has its error in brackets. */
  readonly attributes: Readonly<Record<string, string>>
  /** Of a power failure at one place, or of the one that there was; undefined: the recording has no such place. */
  readonly loss: LossFacts | undefined
}

export interface LossFacts {
  readonly step: number
  readonly lostBytes: number
  readonly mayLoseBytes: number
  /** "/mnt/f+60": how many bytes from there on may be lost. */
  readonly mayLose: Readonly<Record<string, number>>
}

/** One thing, and what it is in each recording; empty: it is not there. */
export interface ComparedRow {
  readonly name: string
  /** What helps to find it: the file of a function. */
  readonly of?: string
  readonly values: readonly string[]
}

export interface ComparedSection {
  readonly title: string
  /** Every row is the same in all recordings. */
  readonly same: boolean
  readonly rows: readonly ComparedRow[]
}

export interface Comparison {
  /** Release of each recording, with its title where titles differ. */
  readonly names: readonly string[]
  /** The recordings are the same, step by step. */
  readonly same: boolean
  readonly sections: readonly ComparedSection[]
}
