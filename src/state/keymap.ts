/**
 * From a key press to a command. Keys that are a place on the board match by `code` (the same finger on every
 * layout); keys that are a letter or a sign match by `key` (what is printed on the cap).
 *
 * F-keys and Ctrl/⌘ combinations act everywhere; the rest only where the focused element does not use them itself.
 */

import type { Command } from './commands.ts'

export type KeyBinding =
  | { readonly kind: 'code'; readonly code: string; readonly cap: string; readonly shift: boolean }
  | {
      readonly kind: 'key'
      readonly key: string
      readonly cap: string
      readonly mod: boolean
      /** Absent: with Shift or without. */
      readonly shift?: boolean
      /** Where text is written the key belongs to the text. */
      readonly notInText?: true
    }

/** The part of a KeyboardEvent that decides. */
export interface KeyPress {
  readonly code: string
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/** What the focused element does with keys itself. */
export type KeyUse = 'nothing' | 'text' | 'arrows' | 'press' | 'everything'

export function commandFor(
  press: KeyPress,
  use: KeyUse,
  letterKeys: boolean,
  commands: readonly Command[],
): Command | undefined {
  if (use === 'everything' || press.altKey) return undefined
  return commands.find(({ keys }) =>
    keys.some((binding) => matches(binding, press) && mayAct(binding, use, letterKeys)),
  )
}

function matches(binding: KeyBinding, press: KeyPress): boolean {
  const mod = press.ctrlKey || press.metaKey
  if (binding.kind === 'code') return !mod && binding.code === press.code && binding.shift === press.shiftKey
  if (binding.shift !== undefined && binding.shift !== press.shiftKey) return false
  return binding.mod === mod && binding.key === press.key.toLowerCase()
}

function mayAct(binding: KeyBinding, use: KeyUse, letterKeys: boolean): boolean {
  if (binding.kind === 'key' && binding.mod) return use !== 'text' || binding.notInText === undefined
  const name = binding.kind === 'code' ? binding.code : binding.key
  if (/^F\d+$/.test(name)) return true
  if (use === 'text') return false
  const moves = /^(Arrow|Home$|End$)/.test(name)
  if (use === 'arrows' && moves) return false
  if (use === 'press' && name === 'Space') return false
  return letterKeys || moves || ['Space', 'Backspace', 'Escape'].includes(name)
}

/** "⇧F8", "Ctrl K": how a binding is written on a button. */
export function capOf(binding: KeyBinding): string {
  if (binding.kind === 'code') return binding.shift ? `⇧${binding.cap}` : binding.cap
  return binding.mod ? `Ctrl ${binding.shift === true ? '⇧' : ''}${binding.cap}` : binding.cap
}
