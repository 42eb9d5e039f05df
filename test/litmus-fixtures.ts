/** The litmus tests that are kept as files, read. */

import { readdirSync, readFileSync } from 'node:fs'
import type { LitmusTest } from '../src/engine/litmus/test.ts'
import { parseLitmus } from '../src/formats/litmus/parse.ts'

/** `folder` of test/fixtures. */
export function fixtures(folder: 'litmus' | 'litmus-own'): readonly LitmusTest[] {
  const url = new URL(`./fixtures/${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter((file) => file.endsWith('.litmus'))
    .map((file) => {
      const parsed = parseLitmus(readFileSync(new URL(file, url), 'utf8'))
      if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.error)}`)
      return parsed.value
    })
}
