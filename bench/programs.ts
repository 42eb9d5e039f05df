/** How fast plain C runs, as ticks, beside `gcc -O0` on the same programs (where gcc is at hand). */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { parseScenario } from '../src/scenario/parse.ts'

interface Measured {
  readonly name: string
  /** Turns of the innermost loop, at two sizes: what both take besides cancels out. */
  readonly turns: readonly [few: number, many: number]
  /** Simple statements of a turn, the loop's own step and test included. */
  readonly statements: number
  readonly prelude?: string
  /** Body of `main`; N is the number of turns. */
  readonly body: string
  readonly print: string
}

const PROGRAMS: readonly Measured[] = [
  {
    name: '32-bit integers',
    turns: [1_000_000, 11_000_000],
    statements: 7,
    body: `uint32_t a = 1, b = 2, c = 3;
  for (uint32_t i = 0; i < N; i++) { a += b ^ i; b = (b << 3) | (b >> 29); c -= a & b; if (c & 1) c *= 3; }`,
    print: '"%u %u %u\\n", a, b, c',
  },
  {
    name: '64-bit integers',
    turns: [1_000_000, 11_000_000],
    statements: 7,
    body: `uint64_t a = 1, b = 2, c = 3;
  for (uint64_t i = 0; i < N; i++) { a += b ^ i; b = (b << 3) | (b >> 61); c -= a & b; if (c & 1) c *= 3; }`,
    print: '"%lu %lu %lu\\n", a, b, c',
  },
  {
    name: 'arrays in data and on the stack',
    turns: [1_000_000, 11_000_000],
    statements: 4,
    prelude: 'static uint32_t t[1024];',
    body: `uint64_t l[64] = { 0 }, s = 0;
  for (int i = 0; i < N; i++) { t[i & 1023] += i; l[i & 63] ^= t[(i * 7) & 1023]; }
  for (int i = 0; i < 64; i++) s += l[i];`,
    print: '"%lu\\n", s',
  },
  {
    name: 'a list of records',
    turns: [1_000_000, 11_000_000],
    statements: 4,
    prelude: 'struct node { struct node *next; long key; char text[16]; };\nstatic struct node pool[1000];',
    body: `struct node *head = 0, *p;
  long s = 0;
  for (int i = 0; i < 1000; i++) { p = &pool[i]; p->key = i * 7 % 1001; p->next = head; head = p; }
  for (int r = 0; r < N / 1000; r++)
    for (p = head; p; p = p->next) { s += p->key ^ r; p->text[r & 15]++; }`,
    print: '"%ld\\n", s',
  },
  {
    name: 'doubles',
    turns: [1_000_000, 11_000_000],
    statements: 5,
    body: `double x = 0, y = 1;
  for (int i = 0; i < N; i++) { x = x * 0.999 + y; y = y * 0.5 + i; if (x > 1e6) x -= 1e6; }`,
    print: '"%f %f\\n", x, y',
  },
]

const source = ({ prelude = '', body, print }: Measured, turns: number): string => `#include <stdint.h>
#include <stdio.h>
#define N ${turns}
${prelude}
int main(void) {
  ${body}
  printf(${print});
  return 0;
}
`

/** Milliseconds, the best of `times`, and what was printed. */
function timed(times: number, action: () => string): [ms: number, printed: string] {
  let best = Number.POSITIVE_INFINITY
  let printed = ''
  for (let i = 0; i < times; i++) {
    const began = performance.now()
    printed = action()
    best = Math.min(best, performance.now() - began)
  }
  return [best, printed]
}

function ours(text: string): string {
  const scenario = parseScenario(`---\nbudget: { ticks: 2000000000 }\n---\n${text}`)
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.error))
  const recording = record(scenario.value, text, { prepare: prepareAny })
  if (!recording.ok) throw new Error(JSON.stringify(recording.error))
  const { steps, machine } = recording.value
  return recording.value
    .texts('output', steps)
    .filter(({ step }) => step >= machine.programStart)
    .map(({ text: said }) => said)
    .join('')
}

const folder = mkdtempSync(join(tmpdir(), 'pmemscope-bench-'))
const program = join(folder, 'program')

/** Undefined: there is no gcc. */
function native(text: string): [ms: number, printed: string] | undefined {
  writeFileSync(`${program}.c`, text)
  try {
    execFileSync('gcc', ['-O0', '-w', '-o', program, `${program}.c`], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return timed(5, () => execFileSync(program, { encoding: 'utf8' }))
}

for (const measured of PROGRAMS) {
  const [few, many] = measured.turns
  const [little] = timed(2, () => ours(source(measured, few)))
  const [much, printed] = timed(2, () => ours(source(measured, many)))
  const statements = (measured.statements * (many - few)) / (much - little) / 1000
  const [small, large] = [native(source(measured, few)), native(source(measured, many))]
  const same = large === undefined || large[1] === printed
  const slower = small && large ? `${((much - little) / (large[0] - small[0])).toFixed(0)} × gcc -O0` : 'gcc not found'
  const row = `${measured.name.padEnd(34)} ${`${statements.toFixed(1)} M/s`.padStart(12)} ${slower.padStart(16)}`
  console.log(`${row}   budget ≥ 20 M statements/s, ≤ 50 ×${same ? '' : '   DIFFERENT OUTPUT'}`)
}
rmSync(folder, { recursive: true })
