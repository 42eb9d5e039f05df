/**
 * Files of the person's: opened, one or several as one program; saved, whole or the C alone; a further one added.
 * Fetched with the first wish for one.
 */

import { toBase64Url } from '../base/bytes.ts'
import { err, ok, type Result } from '../base/result.ts'
import { looksLikeDsl, tableOfDsl } from '../engine/firmware/acpi/nfit-dsl.ts'
import { sectionsOf } from '../lang/c/sections.ts'
import { splitFrontMatter } from '../scenario/front-matter.ts'
import type { Core } from './core.ts'
import type { GivenFile } from './environment.ts'
import { joined, type NamedText, withNewFile } from './program-files.ts'
import type { Recorder } from './recording.ts'

/** No reader takes more. */
const MOST_BYTES = 2_000_000

export interface Files {
  /** In place of the scenario: those that were dropped, or else one that the person chooses. */
  open(dropped: readonly GivenFile[]): Promise<void>
  /** The whole text, or its C alone. */
  save(what: 'all' | 'c'): Promise<void>
  /** A further file of the program, empty. */
  add(): Promise<void>
}

export function createFiles(core: Core, recorder: Recorder): Files {
  /** What the text was opened from, as text number `textVersion`. */
  let opened: { readonly name: string; readonly textVersion: number } | undefined
  /** What was wrong with files that were not opened: no news once others are. */
  const complaints: string[] = []
  const refuse = (message: string): void => {
    complaints.push(message)
    core.notify('problem', message)
  }

  const record = async (files: readonly GivenFile[], name: string): Promise<void> => {
    const read = await contentsOf(files)
    if (!read.ok) {
      refuse(read.error)
      return
    }
    const old = complaints.splice(0)
    core.set({ notices: core.get().notices.filter(({ message }) => !old.includes(message)) })
    const recorded = recorder.open(read.value, [], undefined)
    opened = { name, textVersion: core.get().textVersion }
    await recorded
  }

  return {
    async open(dropped) {
      const files = dropped.length > 0 ? dropped : await core.env.pickFiles()
      const [first] = files
      if (first === undefined) return
      if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) {
        refuse(`${first.name} is too large: a scenario has at most ${MOST_BYTES / 1e6} MB.`)
        return
      }
      await core.pending.during(record(files, first.name))
    },
    async save(what) {
      const { text, summary, textVersion } = core.get()
      const parts = splitFrontMatter(text)
      const hasFront = !parts.ok || parts.value.programOffset > 1
      const litmus = summary?.litmus !== undefined
      const ending = litmus ? '.litmus' : hasFront && what === 'all' ? '.pmem' : '.c'
      const words = what === 'c' && parts.ok && !litmus ? text.slice(parts.value.programOffset) : text
      const own = opened?.textVersion === textVersion ? opened.name.replace(/\.\w+$/, '') : slug(summary?.title ?? '')
      const files = what === 'c' ? filesOf(words, own + ending) : [[own + ending, words] as const]
      for (const [name, content] of files) {
        const saved = await core.env.saveFile(name, content)
        if (saved === undefined) return
        core.announce(`Saved as ${saved}.`)
      }
    },
    async add() {
      const { text, textVersion, shownSource } = core.get()
      const { text: longer, line } = withNewFile(text)
      recorder.edit(longer)
      core.set({ textVersion: textVersion + 1, shownSource: { id: (shownSource?.id ?? 0) + 1, line } })
    },
  }
}

/** Files as one scenario: texts as one program, or the machine of a firmware table; or what is wrong with one. */
async function contentsOf(files: readonly GivenFile[]): Promise<Result<string, string>> {
  const texts: NamedText[] = []
  for (const file of files) {
    const { name } = file
    const bytes = new Uint8Array(await file.arrayBuffer())
    const table = SIGNATURE.every((byte, i) => bytes[i] === byte) ? ok(bytes) : undefined
    const text = textOf(bytes)
    const found = table ?? (text !== undefined && looksLikeDsl(text) ? tableOfDsl(text) : undefined)
    if (found !== undefined && files.length === 1) {
      return found.ok ? ok(scenarioOf(found.value, name)) : err(`${name}: ${found.error}`)
    }
    if (text === undefined) return err(`${name} is neither text nor a firmware table: nothing was opened.`)
    if (text.trim() === '') return err(`${name} is empty: nothing was opened.`)
    texts.push({ name, text })
  }
  return ok(joined(texts))
}

/** undefined: it is none. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** "NFIT" */
const SIGNATURE = [0x4e, 0x46, 0x49, 0x54]

/** A scenario whose machine is the platform of a table. */
function scenarioOf(table: Uint8Array, name: string): string {
  return `---
title: The platform of ${name.replace(/[^\w. -]/g, '_')}
machine: { nfit: ${toBase64Url(table)} }
---
/* What the kernel made of the table: the tab Devices. */
int main(void) { return 0; }
`
}

/** The C as a compiler takes it: each file of the program by itself. */
function filesOf(text: string, name: string): readonly (readonly [string, string])[] {
  const sections = sectionsOf(text)
  const end = (index: number): number => sections[index]?.offset ?? text.length
  return [
    [name, text.slice(0, end(0))],
    ...sections.map(({ name: own, start }, index) => [own, text.slice(start, end(index + 1))] as const),
  ]
}

/** "The flag that arrived" as a file's name. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'scenario'
