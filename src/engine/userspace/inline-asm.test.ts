import { expect, test } from 'vitest'
import { parseScenario } from '../../scenario/parse.ts'
import { prepareAny } from '../prepare.ts'
import { record } from '../record.ts'

const HEAD = `#include <immintrin.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[8] = 1;
  `

/** Kinds of the steps that the instruction makes, and nothing else of the program. */
function steps(instruction: string): readonly string[] {
  const text = `${HEAD}${instruction}\n  return 0;\n}\n`
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  const recording = record(parsed.value, text, { prepare: prepareAny })
  if (!recording.ok) return recording.error.map(({ message, hint }) => `${message}; ${hint}`)
  const { trace, programStart } = recording.value.machine
  const line = HEAD.split('\n').length
  return Array.from({ length: trace.length - programStart }, (_, i) => programStart + i).flatMap((step) =>
    trace.line.get(step) === line ? [trace.kindOf(step)] : [],
  )
}

test.each([
  ['asm volatile("sfence" ::: "memory");', '_mm_sfence();'],
  ['__asm__ __volatile__ ("mfence");', '_mm_mfence();'],
  ['asm volatile("clflush %0" : "+m"(*(volatile char *)&p[8]));', '_mm_clflush(&p[8]);'],
  ['asm volatile(".byte 0x66; clflush %0" : "+m"(*(volatile char *)&p[8]));', '_mm_clflushopt(&p[8]);'],
  ['asm volatile(".byte 0x66, 0x0f; ud2");', undefined],
  ['asm volatile(".byte 0x66; xsaveopt %0" : "+m"(*(volatile char *)&p[8]));', '_mm_clwb(&p[8]);'],
  ['asm volatile("clwb (%[at])\\n\\tsfence" :: [at] "r"(&p[8]) : "memory");', '_mm_clwb(&p[8]); _mm_sfence();'],
  ['asm volatile("movnti %1, %0" : "=m"(p[9]) : "r"(7L));', '_mm_stream_si64((long long *)&p[9], 7);'],
  ['asm volatile("movnti %1, (%0)" :: "r"(p + 9), "r"(7));', '_mm_stream_si32((int *)&p[9], 7);'],
])('%s is what the intrinsic is', (written, same) => {
  if (same === undefined) expect(steps(written)[0]).toMatch(/'asm' with '.byte 0x66, 0x0f' is not supported; it knows/)
  else {
    const expected = steps(same)
    expect(expected.length).toBeGreaterThan(0)
    expect(steps(written)).toEqual(expected)
  }
})

test('a compiler barrier is nothing, a locked addition to the stack a locked instruction', () => {
  expect(steps('asm volatile("" ::: "memory");')).toEqual([])
  expect(steps('asm volatile("pause");')).toEqual([])
  expect(steps('asm volatile("lock; addl $0,0(%%rsp)" ::: "memory");')).toEqual(['lock'])
})

test('another instruction is refused by its name, with what to write instead', () => {
  expect(steps('asm volatile("lock; xaddq %0, %1" : "+r"(p[0]), "+m"(p[1]));')).toEqual([
    "'asm' with 'lock xaddq %0, %1' is not supported; __atomic_fetch_add() is the same instruction",
  ])
})
