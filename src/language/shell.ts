/** Completion and explanation of the lines of `setup:`, from the shell's own tables. */

import { COMMANDS } from '../engine/userspace/shell/commands.ts'
import { CREATE_OPTIONS } from '../engine/userspace/shell/ndctl/create-options.ts'
import type { Completion, Completions, Explanation } from '../protocol/language.ts'
import { ranked } from './ranked.ts'
import { commandWords, dmsetupCommandWords, ndctlCommandWords, ndctlWords } from './words/shell.ts'

const VALUES: Readonly<Record<string, readonly string[]>> = {
  mode: ['fsdax', 'devdax', 'sector', 'raw'],
  map: ['mem', 'dev'],
}

/** Tools whose first word is a command. */
const TOOLS: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  ndctl: ndctlCommandWords,
  dmsetup: dmsetupCommandWords,
}

/** `before`: the line up to the cursor, which is at `at`. */
export function completeShell(before: string, at: number): Completions | null {
  if (/(?:^|\s)#/.test(before)) return null
  const command = before.split(/[;|&]+/).at(-1) ?? ''
  const words = command.trimStart().split(/\s+/)
  const written = words.at(-1) ?? ''
  const from = at - written.length
  if (words.length === 1) return { from, items: ranked(COMMANDS.map(commandItem), written) }
  const detail = words[0] ?? ''
  const commands = TOOLS[detail]
  if (commands === undefined) return null
  if (words.length === 2) {
    const items = [...commands].map(
      ([label, info]): Completion => ({ label, kind: 'command', detail, info, insert: `${label} ` }),
    )
    return { from, items: ranked(items, written) }
  }
  if (detail !== 'ndctl' || words[1] !== 'create-namespace') return null
  const [, option = '', value] = /^--([a-z-]+)=(\w*)$/.exec(written) ?? []
  if (value !== undefined) {
    const values = (VALUES[option] ?? []).map(
      (label): Completion => ({ label, kind: 'value', detail: `--${option}`, info: ndctlWords.get(option) ?? '' }),
    )
    return { from: at - value.length, items: ranked(values, value) }
  }
  const options = CREATE_OPTIONS.map(
    ({ long, short, value: takes }): Completion => ({
      label: `--${long}`,
      kind: 'option',
      detail: short === undefined ? 'option' : `-${short}`,
      info: ndctlWords.get(long) ?? '',
      insert: takes === undefined ? `--${long} ` : `--${long}=`,
    }),
  )
  return { from, items: ranked(options, written) }
}

const commandItem = (label: string): Completion => ({
  label,
  kind: 'command',
  detail: 'command',
  info: commandWords.get(label) ?? '',
  insert: `${label} `,
})

export function explainShell(text: string, at: number): Explanation | null {
  const part = (char: string | undefined): boolean => char !== undefined && /[\w[-]/.test(char)
  let from = at
  while (from > 0 && part(text[from - 1])) from--
  let to = at
  while (part(text[to])) to++
  const word = text.slice(from, to)
  const option = CREATE_OPTIONS.find(({ long, short }) => word === `--${long}` || word === `-${short}`)
  if (option !== undefined) {
    const info = ndctlWords.get(option.long)
    return info === undefined ? null : { from, to, title: `ndctl create-namespace --${option.long}`, info }
  }
  const mapped = /\bdmsetup\s+(?:-\S+\s+)*$/.test(text.slice(0, from)) ? dmsetupCommandWords.get(word) : undefined
  if (mapped !== undefined) return { from, to, title: `dmsetup ${word}`, info: mapped }
  const command = ndctlCommandWords.get(word)
  if (command !== undefined) return { from, to, title: `ndctl ${word}`, info: command }
  const info = commandWords.get(word)
  return info === undefined || !COMMANDS.some((name) => name === word) ? null : { from, to, title: word, info }
}
