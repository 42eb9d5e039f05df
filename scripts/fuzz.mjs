/**
 * `npm run fuzz`: the property tests, each with many more inputs than in `npm test`.
 *
 * fuzz.mjs [RUNS] [PATH…]   RUNS: inputs a property, 10,000 unless told; PATH: only these test files
 *
 * A property test is one that imports test/runs.ts. A failure prints its seed and the smallest input: keep that as a
 * named test beside the property.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { ensureInstalled } from './install.mjs'
import { fail, root, tool } from './run.mjs'

const [first, ...others] = process.argv.slice(2)
const hasCount = /^[0-9_,]+$/.test(first ?? '')
const count = hasCount ? Number(first.replace(/[_,]/g, '')) : 10_000
const paths = hasCount || first === undefined ? others : [first, ...others]

const isProperty = (file) => /\.test\.tsx?$/.test(file) && /\/runs\.ts['"]/.test(readFileSync(`${root}${file}`, 'utf8'))
const files = ['src', 'test']
  .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((file) => `${folder}/${file}`))
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => isProperty(file) && (paths.length === 0 || paths.some((path) => file.includes(path))))
if (files.length === 0) fail('fuzz: no property test there.')

ensureInstalled()
console.log(`${files.length} files, ${count} inputs a property`)
const anHour = 3_600_000
process.exit(tool('vitest/vitest.mjs', ['run', `--testTimeout=${anHour}`, ...files], { FUZZ_RUNS: String(count) }))
