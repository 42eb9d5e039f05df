/**
 * Who decides what hardware does by itself (design.md §3).
 *
 * `lazy`: a store-buffer entry leaves after at most 64 further instructions of any core, or when its thread blocks or
 * ends; everything else moves only when forced, in program order. `eager`: all of it at once, but dirty lines stay
 * cached. `random`: anything, evictions included, as a seed decides. `person`: nothing moves but what an instruction
 * forces or a person asks for.
 */

import { type Prng, prng } from '../../base/prng.ts'
import type { Hardware } from './hardware.ts'
import { apply, enabled } from './transition.ts'

export interface Policy {
  /** Before an instruction issues. */
  before(hw: Hardware, instructions: number): void
  /** After an instruction of `core`. */
  after(hw: Hardware, core: number): void
  /** A fence of `core` waits: bring its store buffer, flushes and write-combining buffers closer to empty. */
  force(hw: Hardware, core: number): void
}

const LAZY_INSTRUCTIONS = 64

/** Everything that a fence waits for, in program order; stops early when something is due right after a step. */
function settle(hw: Hardware, core: number): void {
  while (!hw.recorder.due && hw.advance(core));
}

const lazy: Policy = {
  before(hw, instructions) {
    for (let core = 0; core < hw.config.cores; core++) {
      const buffer = hw.storeBuffers[core]
      while (
        buffer !== undefined &&
        buffer.count > 0 &&
        !hw.recorder.due &&
        instructions - buffer.oldestIssued >= LAZY_INSTRUCTIONS &&
        hw.advance(core)
      );
    }
  },
  after() {},
  force: settle,
}

const person: Policy = { before() {}, after() {}, force: settle }

const eager: Policy = {
  before() {},
  after(hw, core) {
    settle(hw, core)
    for (let controller = 0; controller < hw.memory.wpqs.length; controller++)
      while ((hw.memory.wpqs[controller]?.count ?? 0) > 0 && !hw.recorder.due) hw.memory.drain(controller, 0)
  },
  force: settle,
}

/** How often, of four instructions, something happens by itself after it. */
const RANDOM_ODDS = 2

function random(dice: Prng): Policy {
  const one = (hw: Hardware): void => {
    const choices = enabled(hw)
    const pick = choices[dice.below(choices.length)]
    if (pick !== undefined) apply(hw, pick)
  }
  return {
    before() {},
    after(hw) {
      while (dice.below(4) < RANDOM_ODDS && !hw.recorder.due) one(hw)
    },
    force: one,
  }
}

export const policy = (name: 'lazy' | 'eager' | 'random' | 'person', seed: number): Policy =>
  name === 'random' ? random(prng(seed)) : { lazy, eager, person }[name]
