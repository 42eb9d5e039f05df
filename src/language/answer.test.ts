import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import type { Completions, Explanation } from '../protocol/language.ts'
import { answerLanguage } from './answer.ts'

const CURSOR = '‸'

/** `‸` is the cursor. */
function complete(marked: string): Completions | null {
  const at = marked.indexOf(CURSOR)
  return answerLanguage({ ask: 'complete', text: marked.replace(CURSOR, ''), at }) as Completions | null
}
const labels = (marked: string): readonly string[] => complete(marked)?.items.map(({ label }) => label) ?? []

function explain(marked: string): string {
  const at = marked.indexOf(CURSOR)
  const told = answerLanguage({ ask: 'explain', text: marked.replace(CURSOR, ''), at }) as Explanation | null
  return told === null ? 'nothing' : `${told.title} — ${told.info}`
}

const PROGRAM = `#include <immintrin.h>
#define LINES 4
/* One entry. */
struct record { unsigned long length; char text[40]; };
struct log { struct record record; _Alignas(64) unsigned long valid; };
typedef struct log Log;
/* Opens the log. */
static Log *open_log(int flags) { return (Log *)0; }
int main(void) {
  Log *log = open_log(0);
  struct record *newest = &log->record;
`

test('members after -> and ., on a line that is not finished', () => {
  expect(labels(`${PROGRAM}  log->‸\n  return 0;\n}\n`)).toEqual(['record', 'valid'])
  expect(labels(`${PROGRAM}  log->record.t‸\n}\n`)).toEqual(['text'])
  expect(labels(`${PROGRAM}  _mm_clwb(&log->‸\n`)).toEqual(['record', 'valid'])
  expect(labels(`${PROGRAM}  if (newest->l‸ == 3) return 1;\n}\n`)).toEqual(['length'])
  expect(labels(`${PROGRAM}  open_log(1)->v‸`)).toEqual(['valid'])
})

test('names in scope come before those of headers', () => {
  expect(labels(`${PROGRAM}  l‸\n}\n`)[0]).toBe('log')
  expect(labels(`${PROGRAM}  op‸\n}\n`)[0]).toBe('open_log')
  expect(labels(`${PROGRAM}  LIN‸\n}\n`)[0]).toBe('LINES')
  expect(labels(`${PROGRAM}  ne‸\n}\n`)[0]).toBe('newest')
  expect(labels('int f(void) { int hidden; } int g(void) { hid‸ }')).not.toContain('hidden')
})

test('intrinsics are found by their instruction, and say what persists and which header they need', () => {
  const found = complete(`${PROGRAM}  clwb‸\n}\n`)?.items[0]
  expect(found).toMatchObject({ label: '_mm_clwb', detail: 'void _mm_clwb(const void *p)' })
  expect(found?.info).toMatch(/persistence domain\.$/)
  expect(complete(`${PROGRAM}  mems‸\n}\n`)?.items[0]?.info).toMatch(/Needs #include <string\.h>\.$/)
})

test('types, tags, headers and directives', () => {
  expect(labels(`${PROGRAM}}\nstatic Lo‸`)).toContain('Log')
  expect(labels(`${PROGRAM}  struct ‸\n}`)).toEqual(expect.arrayContaining(['record', 'log']))
  expect(labels('#include <imm‸')).toEqual(['immintrin.h'])
  expect(labels('#inc‸')).toEqual(['include'])
})

test('what stands in a file of the program’s own, and the names of these files', () => {
  const files = '--- file: log.h\nstruct entry { int first; };\n--- file: log.c\n#include "log.h"\n'
  expect(labels(`#include "log.h"\nint main(void) { struct entry e; e.‸ }\n${files}`)).toEqual(['first'])
  expect(labels(`#include "lo‸"\n${files}`)).toEqual(['log.h', 'log.c'])
  expect(labels(`#include "log.c"\n${files}int f(struct entry *e) { return e->‸`)).toEqual(['first'])
})

test('nothing is offered in comments and strings', () => {
  expect(complete(`${PROGRAM} /* lo‸ */`)).toBe(null)
  expect(complete(`${PROGRAM} // lo‸`)).toBe(null)
  expect(complete(`${PROGRAM} printf("lo‸");`)).toBe(null)
})

test('keys of the front matter, where they belong, with values and defaults', () => {
  expect(labels('---\nma‸\n---\n')).toEqual(['machine'])
  expect(labels('---\nmachine:\n  cpu:\n    cl‸\n---\n')).toEqual(['clwb', 'clflushopt', 'clwb_evicts'])
  expect(labels('---\nmachine:\n  cpu: { clwb: false, av‸ }\n---\n')).toEqual(['avx'])
  expect(labels('---\nmachine:\n  po‸')).toEqual(['policy', 'power_fail'].reverse())
  expect(labels('---\nmachine:\n  power_fail: ‸\n---\n')).toEqual(['none', 'adr', 'eadr'])
  expect(labels('---\nmachine:\n  nvdimms:\n    - size: 64M\n      fl‸\n---\n')).toEqual(['flush_hints', 'flags'])
  expect(labels('---\nmachine:\n  nvdimms:\n    - si‸\n---\n')).toEqual(['size'])
  expect(labels('---\nmachine:\n  seed: 3\nmodel:\n  uni‸\n---\n')).toEqual(['unit'])
  expect(complete('---\nmachine:\n  cpu:\n    clw‸\n---\n')?.items[0]?.info).toBe(
    'The processor has clwb: write a line back and keep it. Expected: true or false. Default: true.',
  )
})

test('commands of setup, their options and values', () => {
  expect(labels('---\nsetup: |\n  nd‸\n---\n')).toEqual(['ndctl'])
  expect(labels('---\nsetup: |\n  cat /sys/x\n  ndctl create-namespace --rec‸\n---\n')).toEqual(['--reconfig'])
  expect(labels('---\nsetup: |\n  dmsetup mes‸\n---\n')).toEqual(['message'])
  expect(labels('---\nsetup: |\n  ndctl disable-‸\n---\n')).toEqual([
    'disable-namespace',
    'disable-region',
    'disable-dimm',
  ])
  expect(labels('---\nsetup: |\n  ndctl create-namespace --map=‸\n---\n')).toEqual(['mem', 'dev'])
})

test('what stands at a place is explained', () => {
  expect(explain(`${PROGRAM}  _mm_cl‸wb(log);\n}`)).toMatch(/^void _mm_clwb\(const void \*p\) — Starts writing/)
  expect(explain(`${PROGRAM}  log->val‸id = 1;\n}`)).toBe(
    'unsigned long valid — Offset 64, 8 bytes, in cache line 1 of struct log.',
  )
  expect(explain(`${PROGRAM}  newest->te‸xt[0] = 1;\n}`)).toBe(
    'char text[40] — Offset 8, 40 bytes, in cache line 0 of struct record, if the record begins on one.',
  )
  expect(explain(`${PROGRAM}  open_‸log(0);\n}`)).toBe('struct log *open_log(int) — Opens the log.')
  expect(explain(`${PROGRAM}  return LIN‸ES;\n}`)).toBe('#define LINES 4 — ')
  expect(explain('---\nmachine:\n  power_f‸ail: adr\n---\n')).toMatch(/^machine\.power_fail — What survives/)
  expect(explain('---\nsetup: |\n  dmsetup mess‸age log 0 mark x\n---\n')).toMatch(/log-writes/)
  expect(explain('---\nsetup: |\n  ndctl create-namespace -f --m‸ap=mem\n---\n')).toMatch(/struct pages/)
  expect(explain('---\nsetup: |\n  ec‸ho 1\n---\n')).toMatch(/^echo — /)
  expect(explain(`${PROGRAM}  /* re‸cord */`)).toBe('nothing')
})

test('any prefix and any cursor gets an answer', () => {
  const text = readFileSync(new URL('../scenarios/flag-before-record.pmem', import.meta.url), 'utf8')
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 4 }), (cut, at, typed) => {
      const broken = text.slice(0, cut) + typed
      const place = Math.min(at, broken.length)
      for (const ask of ['complete', 'explain'] as const) {
        const answer = answerLanguage({ ask, text: broken, at: place }) as Completions | Explanation | null
        if (answer !== null) expect(answer.from).toBeLessThanOrEqual(place)
      }
      expect(Array.isArray(answerLanguage({ ask: 'records', text: broken }))).toBe(true)
    }),
    { numRuns: runs(60) },
  )
})
