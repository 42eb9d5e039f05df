import { execFileSync } from 'node:child_process'
import { expect, test } from '@playwright/test'
import { Screen } from './screen.ts'

const pmemscope = (command: string, text: string, ...more: readonly string[]): string =>
  execFileSync(process.execPath, ['dist/cli/pmemscope.js', command, '-', ...more], { input: text, encoding: 'utf8' })

const TWO_CORES = `---
machine:
  policy: random
  seed: 11
  nvdimms: [{ size: 64M, flush_hints: 2 }, { size: 64M, flush_hints: 2 }]
  regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }]
threads: [one, two]
---
#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <sys/mman.h>
static volatile uint64_t turns;
static void work(int first) {
  int fd = open("/dev/dax0.0", O_RDWR);
  volatile uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (int i = 0; i < 40; i++, turns++) {
    p[first + 64 * i] = i;
    _mm_clwb((void *)&p[first + 64 * i]);
    if (i % 8 == 7) _mm_sfence();
  }
}
void one(void) { work(0); }
void two(void) { work(8); }
`

for (const [name, text] of [
  ['one core, lazy', '#include <stdio.h>\nint main(void) { printf("hello\\n"); return 0; }\n'],
  ['two cores, random', TWO_CORES],
] as const) {
  test(`the recording in the worker is the recording in Node: ${name}`, async ({ page }) => {
    const { hash } = JSON.parse(pmemscope('run', text, '--json'))
    const screen = await Screen.open(page, new URL(pmemscope('share', text).trim()).hash)
    await screen.idle()
    expect(await page.evaluate(() => window.pmemscope.hash())).toBe(hash)
  })
}
