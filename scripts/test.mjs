/**
 * `npm test`: everything that must hold before a change goes in, one stage after the other, up to the first failure.
 *
 * npm test                       all stages
 * npm test -- unit               one or more by name
 * npm test -- unit src/share     further words go to the last named stage (here: only these unit tests)
 */

import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { ensureInstalled } from './install.mjs'
import { fail, root, run, tool } from './run.mjs'

const RESULTS = `${root}.cache/results`
const isTerminal = process.stdout.isTTY === true
const node = (script, ...args) => run(process.execPath, [script, ...args])

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

async function endToEnd(rest) {
  const { ensureChromium } = await import('./chromium.mjs')
  return tool('@playwright/test/cli.js', ['test', '--reporter=list,json', ...rest], {
    PMEMSCOPE_CHROMIUM: ensureChromium(),
    PMEMSCOPE_E2E_PORT: String(await freePort()),
    PLAYWRIGHT_JSON_OUTPUT_NAME: `${RESULTS}/e2e.json`,
  })
}

const STAGES = [
  { name: 'types', what: 'type check', go: () => tool('@typescript/native/bin/tsc', ['--noEmit']) },
  {
    name: 'lint',
    what: 'lint and format',
    go: () => tool('@biomejs/biome/bin/biome', ['ci', '--error-on-warnings', ...(isTerminal ? [] : ['--colors=off'])]),
  },
  {
    name: 'layers',
    what: 'imports between layers (.dependency-cruiser.mjs)',
    go: () =>
      tool('dependency-cruiser/bin/dependency-cruise.mjs', [
        '--config',
        '.dependency-cruiser.mjs',
        '--output-type',
        'err-long',
        'src',
      ]),
  },
  { name: 'unused', what: 'unused files, exports and packages', go: () => tool('knip/bin/knip.js', ['--no-progress']) },
  { name: 'state', what: 'hidden state, clocks, randomness', go: () => node('scripts/check-state.mjs') },
  {
    name: 'unit',
    what: 'unit tests',
    go: (rest) =>
      tool('vitest/vitest.mjs', [
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${RESULTS}/unit.json`,
        ...rest,
      ]),
  },
  { name: 'build', what: 'the page and the command', go: () => node('scripts/build.mjs') },
  { name: 'size', what: 'what the first picture weighs', go: () => node('scripts/check-size.mjs') },
  { name: 'e2e', what: 'end-to-end tests in a real browser', go: endToEnd },
]

/** Tests that passed and failed according to the runners' own reports; a report that is missing counts nothing. */
function countTests() {
  const read = (name) => {
    try {
      return JSON.parse(readFileSync(`${RESULTS}/${name}.json`, 'utf8'))
    } catch {
      return undefined
    }
  }
  const unit = read('unit')
  const e2e = read('e2e')?.stats
  return {
    passed: (unit?.numPassedTests ?? 0) + (e2e?.expected ?? 0) + (e2e?.flaky ?? 0),
    failed: (unit?.numFailedTests ?? 0) + (e2e?.unexpected ?? 0),
  }
}

const words = process.argv.slice(2)
const known = new Set(STAGES.map(({ name }) => name))
const firstOther = words.findIndex((word) => !known.has(word))
const names = firstOther < 0 ? words : words.slice(0, firstOther)
const rest = firstOther < 0 ? [] : words.slice(firstOther)
if (names.length === 0 && rest.length > 0) fail(`"${rest[0]}" is no stage. Stages: ${[...known].join(', ')}.`)
const chosen = STAGES.filter(({ name }) => names.length === 0 || names.includes(name))

ensureInstalled()
rmSync(RESULTS, { recursive: true, force: true })
mkdirSync(RESULTS, { recursive: true })

let broken
for (const { name, what, go } of chosen) {
  const began = performance.now()
  console.log(`\n── ${name}: ${what}`)
  const status = await go(name === names.at(-1) ? rest : [])
  if (status !== 0) {
    broken = { name, what }
    break
  }
  console.log(`── ${name} passed in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

const { passed, failed } = countTests()
if (broken !== undefined)
  console.error(`\nThe stage "${broken.name}" (${broken.what}) failed; what follows it was not run.`)
// A stage without tests that fails counts as one failure.
console.log(`\n${passed} passed, ${broken === undefined ? failed : Math.max(failed, 1)} failed`)
process.exit(broken === undefined ? 0 : 1)
