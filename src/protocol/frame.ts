/**
 * What the screen shows at one place of a recording. The engine computes all of it; views only draw it.
 *
 * Addresses are SPAs in bytes. A `line` is always the SPA of a 64-byte line.
 */

import type { EventKind } from '../engine/sim/event.ts'
import type { TransitionChoice } from './interventions.ts'
import type { LitmusFrame } from './litmus.ts'

/** How far a byte has come on its way to media. One colour, one letter each, everywhere. */
export type Stage = 'clean' | 'store-buffer' | 'dirty' | 'wc' | 'flight' | 'wpq' | 'media' | 'lost'

interface EventView {
  readonly kind: EventKind
  /** One sentence for the screen and the screen reader. */
  readonly sentence: string
  /** Thread that did it; absent for hardware. */
  readonly thread?: string
  readonly core?: number
  /** Assembly-like text of an instruction: "clwb [0x1_0020_0040]". */
  readonly instruction?: string
  readonly line?: number
}

/** A 64-byte line in one place, as eight words of eight bytes. */
export interface Tile {
  readonly line: number
  /** Short sign of its state there: M E S I for caches (and "DRAM" for a line that is no NVDIMM's), W, Q, "" for media. */
  readonly sign: string
  readonly words: readonly Stage[]
  /** Of a write-combining buffer: which bytes it holds, of each word a bit a byte. */
  readonly bytes?: readonly number[]
}

export interface StoreBufferSlot {
  readonly kind: 'store' | 'movnt' | 'movdir64b' | 'clwb' | 'clflushopt' | 'clflush' | 'sfence' | 'mfence'
  /** Address of the bytes; absent for a fence. */
  readonly spa?: number
  readonly size: number
  readonly step: number
  /** Source line of the program that issued it, 0 if none. */
  readonly sourceLine: number
}

interface PendingFlush {
  readonly kind: 'clwb' | 'clflushopt'
  readonly line: number
  readonly step: number
}

export interface CoreView {
  readonly core: number
  /** Thread that runs on it at this moment. */
  readonly thread?: string
  /** Its last instruction, and whether it waits. */
  readonly instruction?: string
  readonly waiting: boolean
  readonly storeBuffer: { readonly capacity: number; readonly entries: readonly StoreBufferSlot[] }
  /** clwb and clflushopt issued, not yet ordered by a fence, not yet complete. */
  readonly flushes: readonly PendingFlush[]
  readonly l1: { readonly used: number; readonly capacity: number; readonly tiles: readonly Tile[] }
  readonly wc: { readonly capacity: number; readonly tiles: readonly Tile[] }
}

interface ControllerView {
  readonly controller: number
  readonly wpq: { readonly used: number; readonly capacity: number; readonly tiles: readonly Tile[] }
}

export interface DimmView {
  readonly dimm: number
  readonly controller: number
  readonly flushHints: number
  /** Power failures at which it lost its part of the write-pending queue; absent: none. */
  readonly dirtyShutdowns?: number
  /** Lines of this DIMM that the shown part of the recording touches, in address order; `total` counts them all. */
  readonly tiles: readonly (Tile & { readonly dpa: number })[]
  readonly total: number
}

export interface StackFrame {
  readonly function: string
  /** "drivers/nvdimm/region_devs.c" or the program's file name. */
  readonly file: string
  /** Line of the program, for program frames. */
  readonly line?: number
  readonly kind: 'program' | 'library' | 'kernel'
  /** Step of its call: selecting a frame focuses it. */
  readonly step: number
}

/** Where something stands on the board. */
export type Place =
  | { readonly kind: 'core'; readonly core: number }
  | { readonly kind: 'store-buffer'; readonly core: number; readonly slot: number }
  | { readonly kind: 'l1'; readonly core: number; readonly line: number }
  | { readonly kind: 'l3'; readonly line: number }
  | { readonly kind: 'wc'; readonly core: number; readonly line: number }
  | { readonly kind: 'wpq'; readonly controller: number; readonly line: number }
  | { readonly kind: 'media'; readonly dimm: number; readonly line: number }

/** Something that hardware may do of its own accord right after this step. */
export interface Choice {
  readonly transition: TransitionChoice
  /** Where what moves stands; `core` for a flush whose line no cache of it shows. */
  readonly place: Place
  /** "L1 of core 0 writes back line 0x1_0020_0040": what a person is told that it will do. */
  readonly sentence: string
}

/** One movement of bytes that a step made. */
export interface Motion {
  readonly step: number
  readonly from: Place
  readonly to: Place
  readonly stage: Stage
  /** Bit i: word i of the line moves. */
  readonly words: number
  readonly label: string
}

export interface Frame {
  readonly step: number
  readonly event: EventView
  /** Program line in focus (the innermost program frame's), 0 if none. */
  readonly sourceLine: number
  /** The innermost calls first. */
  readonly stack: readonly StackFrame[]
  /** Calls that there are, of which `stack` has the innermost. */
  readonly depth: number
  readonly cores: readonly CoreView[]
  readonly l3: { readonly used: number; readonly capacity: number; readonly tiles: readonly Tile[] }
  readonly controllers: readonly ControllerView[]
  readonly dimms: readonly DimmView[]
  /** What hardware may do now, of what the board shows; media last. */
  readonly choices: readonly Choice[]
  /** What moved in the steps after `since` (asked for) up to this one, in order. */
  readonly motions: readonly Motion[]
  /** What survives a power failure on this machine: nothing but media, the WPQ too, the caches too. */
  readonly domain: 'none' | 'adr' | 'eadr'
  /** Step of the power failure if it lies at or before this place. */
  readonly failedAt?: number
  /** Program output so far (the last 4,000 characters). */
  readonly output: string
  /** Where the litmus test stands, when the scenario is one. */
  readonly litmus?: LitmusFrame
}

/** One byte of the selected line. */
export interface ByteView {
  /** Value that a load would see at this step. */
  readonly value: number
  /** Value on media (what a power failure with an empty WPQ leaves). */
  readonly media: number
  /** How far the newest store to it has come. */
  readonly stage: Stage
  /** Step and program line of the newest store to it; absent when never written. */
  readonly step?: number
  readonly sourceLine?: number
}

export interface LifeEvent {
  readonly step: number
  readonly stage: Stage
  readonly sentence: string
  /** Lies after the place asked about. */
  readonly future: boolean
}

export interface LineView {
  readonly line: number
  /** "/dev/dax0.0" and the offset of the line in it, when a file maps there. */
  readonly file?: string
  readonly offset?: number
  readonly dimm?: number
  readonly dpa?: number
  /** 64 of them. */
  readonly bytes: readonly ByteView[]
  /** What happened to the selected byte of the line, in order. */
  readonly life: readonly LifeEvent[]
}

/** A run of bytes that a power failure at this step loses, in this run. */
export interface LostRange {
  /** Absent: bytes of the page cache. */
  readonly spa?: number
  readonly length: number
  readonly where: 'store-buffer' | 'l1' | 'l3' | 'wc' | 'wpq' | 'page-cache' | 'buffer-cache'
  readonly file?: string
  readonly offset?: number
  /** Block of a file system's metadata. */
  readonly block?: number
  /** Program line of the store, 0 when kernel code wrote it at no program line. */
  readonly sourceLine: number
  /** Text of that line, trimmed. */
  readonly source: string
  /** The bytes that were written, and what is there afterwards; of the page cache nothing is said of that. */
  readonly written: readonly number[]
  readonly left: readonly number[]
}

/** Bytes stored by the program that a power failure at this step leaves in place. */
export interface SurvivingRange {
  readonly spa: number
  readonly length: number
  readonly file?: string
  readonly offset?: number
  readonly block?: number
  readonly sourceLine: number
  readonly source: string
  readonly bytes: readonly number[]
}

export interface LossView {
  readonly step: number
  readonly lostBytes: number
  readonly lost: readonly LostRange[]
  readonly survivingBytes: number
  readonly survived: readonly SurvivingRange[]
}

export interface TimelineBar {
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly label: string
  readonly kind: 'program' | 'library' | 'kernel'
}

export interface TimelineView {
  readonly from: number
  readonly to: number
  readonly lanes: readonly { readonly thread: string; readonly core: number; readonly bars: readonly TimelineBar[] }[]
  /** Movements towards media, thinned to at most one a pixel. */
  readonly dots: readonly { readonly step: number; readonly stage: Stage }[]
}

export interface LogLine {
  readonly step: number
  readonly level: string
  readonly text: string
  /** The kernel function that printed it, and its file. */
  readonly function: string
  readonly file: string
}
