/**
 * The guards guard: in a copy of the sources with the real configuration, planted violations are refused.
 *
 * One run of each tool over all plants; every test looks for its own plant in the tool's report.
 */

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingFiles, unnamedFiles } from './readmes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const COPIED = ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'knip.json', '.dependency-cruiser.mjs']

const PLANTS: Readonly<Record<string, string>> = {
  'src/engine/hw/planted.ts': 'export interface Planted { readonly a: number }\nexport const planted = 1\n',
  'src/engine/linux/planted-value.ts': "export { planted } from '../hw/planted.ts'\n",
  'src/engine/linux/planted-type.ts':
    "import type { Planted } from '../hw/planted.ts'\nexport const a = (p: Planted) => p\n",
  'src/engine/linux/planted-inline-type.ts': "export const a = (p: import('../hw/planted.ts').Planted) => p\n",
  'src/engine/linux/planted-dynamic.ts': "export const a = () => import('../hw/planted.ts')\n",
  'src/engine/linux/planted.test.ts': "import { planted } from '../hw/planted.ts'\nexport const a = planted\n",
  'src/engine/linux/planted-crash.ts': "import type { A } from '../crash/planted.ts'\nexport type B = A\n",
  'src/engine/crash/planted.ts': 'export type A = number\n',
  'src/scenario/planted-type.ts': "import type { Planted } from '../engine/hw/planted.ts'\nexport type A = Planted\n",
  'src/scenario/planted-value.ts': "import { planted } from '../engine/hw/planted.ts'\nexport const a = planted\n",
  'src/engine/sim/planted-dom.ts': "import type { A } from '../../ui/planted.tsx'\nexport type B = A\n",
  'src/ui/planted.tsx': "import type { PlantedState } from '../state/planted.ts'\nexport type A = PlantedState\n",
  'src/ui/planted-store.tsx':
    "import { create } from 'zustand'\nexport const A = () => <p>import {typeof create}</p>\n",
  'src/state/planted.ts': 'export type PlantedState = number\n',
  'src/views/planted-d3.ts': "import * as d3 from 'd3'\nexport const a = d3\n",
  'src/views/planted-state.tsx':
    "import type { PlantedState } from '../state/planted.ts'\nexport type A = PlantedState\n",
  'src/base/planted-cycle-a.ts': "import { b } from './planted-cycle-b.ts'\nexport const a = (): number => b()\n",
  'src/base/planted-cycle-b.ts': "import { a } from './planted-cycle-a.ts'\nexport const b = (): number => a()\n",
  'src/lang/planted-node.ts': "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n",
  'src/planted-room/README.md': '# planted\n\n- `gone.ts`: not there\n',
  'src/planted-room/a.ts': "import { planted } from '../engine/hw/planted.ts'\nexport const a = planted\n",
  'src/cli/planted-room.ts': "import { a } from '../planted-room/a.ts'\nexport const b = a\n",
  'src/base/planted-used.ts': 'export const plantedUsed = 1\nexport const plantedUnused = 2\n',
  'src/base/planted-unused.ts': 'export const a = 1\n',
  'test/planted.test.ts': "import { plantedUsed } from '../src/base/planted-used.ts'\nconsole.log(plantedUsed)\n",
  'src/engine/linux/planted-state.ts':
    'let count = 0\nexport const next = () => count++\nexport const seen = new Map<string, number>()\n',
  'src/engine/linux/planted-class.ts': 'export class Region {\n  size = 0\n}\n',
  'src/lang/planted-clock.ts': 'export const now = () => Date.now() + Math.random()\n',
  'src/base/planted-pure.ts': 'export const a = { Date: 1 }.Date\n',
}

interface Violation {
  readonly rule: { readonly name: string }
  readonly from: string
  readonly to: string
}

let copy: string
let violations: readonly Violation[]
let unused: string
let state: string

/** What a tool says. `refuses`: it must also end with an error, as `npm test` needs it to. */
const output = (refuses: boolean, script: string, ...args: string[]) =>
  new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [join(root, script), ...args],
      { cwd: copy, maxBuffer: 2 ** 28, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } },
      (error, stdout, stderr) => {
        if (refuses && error === null) reject(new Error(`${script} accepted the plants`))
        else resolve(stdout + stderr)
      },
    )
  })

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'pmemscope-guards-'))
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir')
  for (const [path, text] of Object.entries(PLANTS)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'
  const config = ['--config', '.dependency-cruiser.mjs', 'src', '--output-type']
  await output(true, cruiser, ...config, 'err')
  const cruised = await output(false, cruiser, ...config, 'json')
  violations = (JSON.parse(cruised) as { summary: { violations: Violation[] } }).summary.violations
  unused = await output(true, 'node_modules/knip/bin/knip.js', '--no-progress')
  state = await output(true, 'scripts/check-state.mjs', copy)
}, 120_000)

afterAll(() => rmSync(copy, { recursive: true, force: true }))

const rulesAgainst = (from: string) =>
  violations.filter((violation) => violation.from === from).map((violation) => violation.rule.name)

describe('an import that crosses a layer is refused', () => {
  test.each([
    ['of a value, kernel to hardware', 'src/engine/linux/planted-value.ts', 'engine-linux-imports'],
    ['of a type, kernel to hardware', 'src/engine/linux/planted-type.ts', 'engine-linux-imports'],
    ['of a type within an expression', 'src/engine/linux/planted-inline-type.ts', 'engine-linux-imports'],
    ['at run time', 'src/engine/linux/planted-dynamic.ts', 'engine-linux-imports'],
    ['of a type, kernel to crash', 'src/engine/linux/planted-crash.ts', 'engine-linux-imports'],
    ['of a value where types are allowed', 'src/scenario/planted-value.ts', 'scenario-imports-types'],
    ['of a type, engine to page', 'src/engine/sim/planted-dom.ts', 'engine-sim-imports'],
    ['of a type, view to state', 'src/views/planted-state.tsx', 'views-imports'],
    ['of the store past its hook', 'src/ui/planted-store.tsx', 'only-here-zustand'],
    ['of the whole d3', 'src/views/planted-d3.ts', 'no-whole-d3'],
    ['of a file system in the browser', 'src/lang/planted-node.ts', 'node-in-the-command-only'],
    ['in a circle', 'src/base/planted-cycle-a.ts', 'no-cycles'],
    ['from a folder that is no layer', 'src/cli/planted-room.ts', 'every-file-in-a-layer'],
  ])('%s', (_what, from, rule) => {
    expect(rulesAgainst(from)).toContain(rule)
  })

  test('but not a type where types are allowed, nor what a test joins', () => {
    expect(rulesAgainst('src/scenario/planted-type.ts')).toEqual([])
    expect(rulesAgainst('src/engine/linux/planted.test.ts')).toEqual([])
    expect(rulesAgainst('src/ui/planted.tsx')).toEqual([])
  })
})

describe('what nobody uses is refused', () => {
  test('an export, while the one beside it that is used stays', () => {
    expect(unused).toMatch(/^plantedUnused\b.*src\/base\/planted-used\.ts/m)
    expect(unused).not.toMatch(/^plantedUsed\b/m)
  })

  test('a file', () => {
    expect(unused).toMatch(/^src\/base\/planted-unused\.ts/m)
  })
})

describe('what would make two recordings differ is refused', () => {
  test.each([
    ['a variable of a kernel module', 'src/engine/linux/planted-state.ts:1:1'],
    ['a map of a kernel module', 'src/engine/linux/planted-state.ts:3:14'],
    ['a field of a kernel class', 'src/engine/linux/planted-class.ts:2:3'],
    ['a clock', 'src/lang/planted-clock.ts:1:26'],
    ['unseeded randomness', 'src/lang/planted-clock.ts:1:39'],
  ])('%s', (_what, place) => {
    expect(state).toContain(place)
  })

  test('but not a member that is only called like a clock', () => {
    expect(state).not.toContain('planted-pure')
  })
})

describe('every folder says what its files are', () => {
  test('and names none that is not there', () => {
    expect(unnamedFiles(root)).toEqual([])
    expect(missingFiles(root)).toEqual([])
  })

  test('so a file without a line is found, in a large folder and in a small one', () => {
    const unnamed = unnamedFiles(copy)
    expect(unnamed).toContain('src/base/planted-used.ts')
    expect(unnamed).toContain('src/planted-room/a.ts')
  })

  test('and a line without a file', () => {
    expect(missingFiles(copy)).toEqual(['src/planted-room/README.md: gone.ts'])
  })
})
