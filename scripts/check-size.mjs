/**
 * What a browser loads before the first picture, gzip, against the budgets (1 kB = 1,000 bytes).
 *
 * Counted: the page's entry with everything that it imports statically, and the same for each worker.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fail, root } from './run.mjs'

const page = `${root}dist/page/`
const BUDGET = { script: 130_000, worker: 120_000 }

if (!existsSync(`${page}.vite/manifest.json`)) fail('dist/page is missing; `npm run build` makes it.')
const read = (file) => JSON.parse(readFileSync(`${page}${file}`, 'utf8'))
const weigh = (files) => [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${page}${file}`)).length, 0)

/** Keys reachable from `key` through static imports, itself included. */
function closure(key, importsOf, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of importsOf(key)) closure(next, importsOf, seen)
  return seen
}

const manifest = read('.vite/manifest.json')
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
if (entry === undefined) fail('The build has no entry.')
const keys = [...closure(entry, (key) => manifest[key].imports ?? [])]
const scripts = keys.map((key) => manifest[key].file)
const styles = new Set(keys.flatMap((key) => manifest[key].css ?? []))

const lines = [
  ['first picture, script', weigh(scripts), BUDGET.script],
  ['first picture, styles', weigh(styles), undefined],
]
for (const file of readdirSync(`${page}.vite`).filter((name) => name.startsWith('worker-'))) {
  const chunks = new Map(read(`.vite/${file}`).map((chunk) => [chunk.file, chunk]))
  const first = [...chunks.values()].find((chunk) => chunk.isEntry)
  const needed = closure(first.file, (key) => chunks.get(key)?.imports ?? [])
  lines.push([basename(file, '.json').replace('-', ' '), weigh(needed), BUDGET.worker])
}
if (lines.length === 2) fail('The build has no worker to weigh.')

let tooMuch = false
for (const [what, bytes, budget] of lines) {
  const over = budget !== undefined && bytes > budget
  tooMuch ||= over
  const limit = budget === undefined ? '' : ` of ${(budget / 1000).toFixed(0)} kB${over ? ': too much' : ''}`
  console.log(`${what.padEnd(24)} ${(bytes / 1000).toFixed(1).padStart(7)} kB gzip${limit}`)
}
process.exit(tooMuch ? 1 : 0)
