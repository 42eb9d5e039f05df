/**
 * What travels in a link: the scenario's text, what the person did to the machine, where they look, and how they read
 * the architecture.
 *
 * A link comes from anyone: every field is bounded, unknown fields are dropped. A version, once shared, never changes
 * its meaning; a new one adds an upgrader from the one before.
 */

import * as v from 'valibot'
import { err, ok, type Result } from '../base/result.ts'
import type { Anchor, Intervention, TransitionChoice } from '../protocol/interventions.ts'
import type { Model } from '../protocol/litmus.ts'

export interface ShareState {
  /** The whole scenario, byte for byte. */
  readonly text: string
  readonly interventions: readonly Intervention[]
  /** The moment on the screen. */
  readonly focus?: Anchor
  /** So many instructions later, inside a computation. */
  readonly tick?: number
  /** How the person reads the architecture, where that is not the scenario's own way. */
  readonly model?: Partial<Model>
}

export const VERSION = 1

/** `UPGRADERS[n]` turns the payload of version n + 1 into that of version n + 2. */
const UPGRADERS: readonly ((payload: unknown) => unknown)[] = []

const ordinal = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fff_ffff))
const spaOfLine = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.multipleOf(64))
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200))

const anchorSchema = v.variant('kind', [
  v.object({
    kind: v.literal('code'),
    thread: name,
    at: v.pipe(name, v.regex(/^(?:line:\d+|fn:.+|event:.+)$/)),
    text: v.exactOptional(v.pipe(v.string(), v.maxLength(1000))),
    visit: ordinal,
    event: ordinal,
  }),
  v.object({ kind: v.literal('hardware'), transition: name, line: spaOfLine, nth: ordinal }),
]) satisfies v.GenericSchema<unknown, Anchor>

const transitionSchema = v.object({
  kind: v.picklist(['drain', 'flush', 'wc-drain', 'evict', 'write-back', 'wpq-drain']),
  core: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  line: spaOfLine,
  cell: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7))),
  nth: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1023))),
}) satisfies v.GenericSchema<unknown, TransitionChoice>

const interventionSchema = v.variant('kind', [
  v.object({ kind: v.literal('power-failure'), at: anchorSchema }),
  v.object({ kind: v.literal('transition'), at: anchorSchema, transition: transitionSchema }),
  v.object({
    kind: v.literal('command'),
    at: anchorSchema,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)),
  }),
  v.object({ kind: v.literal('schedule'), choices: v.pipe(v.string(), v.maxLength(20_000)) }),
]) satisfies v.GenericSchema<unknown, Intervention>

const modelSchema = v.object({
  unit: v.exactOptional(v.picklist(['line', 'word'])),
  movnt: v.exactOptional(v.picklist(['visible', 'fence'])),
  cas: v.exactOptional(v.picklist(['sdm', 'paper'])),
}) satisfies v.GenericSchema<unknown, Partial<Model>>

const stateSchema = v.object({
  text: v.string(),
  interventions: v.optional(v.pipe(v.array(interventionSchema), v.maxLength(1000)), []),
  focus: v.exactOptional(anchorSchema),
  tick: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  model: v.exactOptional(modelSchema),
}) satisfies v.GenericSchema<unknown, ShareState>

/** The payload of a link of today's version; what is at its default is left out. */
export function toPayload({ text, interventions, focus, tick, model }: ShareState): unknown {
  return {
    text,
    ...(interventions.length === 0 ? {} : { interventions }),
    ...(focus === undefined ? {} : { focus }),
    ...(tick === undefined ? {} : { tick }),
    ...(model === undefined ? {} : { model }),
  }
}

/** The reason names the field that is wrong. */
export function fromPayload(payload: unknown, version: number): Result<ShareState, string> {
  const upgraded = UPGRADERS.slice(version - 1).reduce((before, upgrade) => upgrade(before), payload)
  const parsed = v.safeParse(stateSchema, upgraded, { abortEarly: true })
  if (parsed.success) return ok(parsed.output)
  const [issue] = parsed.issues
  return err(`${v.getDotPath(issue) ?? 'the whole'}: ${issue.message.slice(0, 200)}`)
}
