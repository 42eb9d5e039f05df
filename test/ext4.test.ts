/** Files on ext4, from mkfs to what a power failure and the journal leave of them: whole recordings. */

import { describe, expect, test } from 'vitest'
import { runReport } from '../src/engine/inspect/report.ts'
import { summary } from '../src/engine/inspect/summary.ts'
import { recorded } from './recorded.ts'

const program = (body: string, { kernel = 'v6.1', mount = 'mount -o dax', before = '' } = {}): string => `---
kernel: ${kernel}
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem > /dev/null
  mkfs.ext4 -q -b 4096 /dev/pmem0
  ${mount} /dev/pmem0 /mnt
  ${before}
---
#define _GNU_SOURCE
#include <fcntl.h>
#include <immintrin.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void) {
  int fd = open("/mnt/f", O_CREAT | O_RDWR, 0644);
  ${body}
  _exit(0);
}
int recover(void) {
  char b[16] = "";
  int fd = open("/mnt/f", O_RDONLY);
  if (fd < 0) { printf("no file\\n"); return 0; }
  long n = read(fd, b, 15);
  printf("%ld <%s>\\n", n, b);
  return 0;
}
`

/** What is found after a power failure at the end of the program. */
const found = (text: string): string =>
  summary(recorded(text, { crashAt: 'end' }))
    .recover?.output.split('\n')
    .at(-2) ?? ''

const map = (flags: string): string =>
  `ftruncate(fd, 8); char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, ${flags}, fd, 0);
  if (p == MAP_FAILED) { printf("no mapping\\n"); _exit(1); }
  memcpy(p, "hello", 6);`

describe.each(['v4.12', 'v6.1'])('%s', (kernel) => {
  test.each([
    ['write(fd, "hello", 5);', 'no file'],
    ['write(fd, "hello", 5); fsync(fd);', '5 <hello>'],
    ['write(fd, "hello", 5); fsync(fd); pwrite(fd, "HELLOHEL", 8, 0);', '5 <HELLO>'],
    [`${map('MAP_SHARED')} _mm_clwb(p); _mm_sfence();`, 'no file'],
    [`${map('MAP_SHARED')} msync(p, 4096, MS_SYNC);`, '8 <hello>'],
  ])('with direct access: %s leaves %s', (body, left) => {
    expect(found(program(body, { kernel }))).toBe(left)
  })
})

test.each([
  ['write(fd, "hello", 5);', 'no file'],
  ['write(fd, "hello", 5); fsync(fd);', '5 <hello>'],
  ['write(fd, "hello", 5); fsync(fd); pwrite(fd, "HELLOHEL", 8, 0);', '5 <hello>'],
  // The name comes with the journal's commit, the contents, which have no place yet, do not.
  ['write(fd, "hello", 5); fsync(open("/mnt/other", O_CREAT | O_RDWR, 0644));', '0 <>'],
  [
    `int g = open("/mnt/new", O_CREAT | O_RDWR, 0644); write(fd, "old", 3); fsync(fd);
     write(g, "hello", 5); rename("/mnt/new", "/mnt/f"); sync();`,
    '5 <hello>',
  ],
])('through the page cache: %s leaves %s', (body, left) => {
  expect(found(program(body, { mount: 'mount' }))).toBe(left)
})

test('with MAP_SYNC a flushed store is in a file that is there; v4.12 does not know it', () => {
  const text = (kernel: string): string =>
    program(`${map('MAP_SHARED_VALIDATE | MAP_SYNC')} _mm_clwb(p); _mm_sfence();`, { kernel })
  for (const kernel of ['v4.15', 'v6.1']) expect(found(text(kernel))).toBe('8 <hello>')
  expect(runReport(recorded(text('v4.12')), undefined).stdout).toBe('no mapping\n')
  // Only files that are accessed directly can promise it.
  const cached = program(map('MAP_SHARED_VALIDATE | MAP_SYNC'), { mount: 'mount' })
  expect(runReport(recorded(cached), undefined).stdout).toBe('no mapping\n')
})

test('after a power failure the journal is replayed, and the log says so', () => {
  const recording = recorded(program('write(fd, "hello", 5); fsync(fd);'), { crashAt: 'end' })
  const { dmesg } = runReport(recording, undefined)
  expect(dmesg.map(({ text }) => text).slice(-2)).toEqual([
    'EXT4-fs (pmem0): recovery complete',
    'EXT4-fs (pmem0): mounted filesystem with ordered data mode. Quota mode: none.',
  ])
})

test('a private mapping keeps its stores to itself', () => {
  const body = `write(fd, "hello", 5); fsync(fd); char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  p[0] = 'j'; char b[6] = ""; pread(fd, b, 5, 0); printf("%s %.5s\\n", b, p);`
  expect(runReport(recorded(program(body)), undefined).stdout).toBe('hello jello\n')
})

test('fallocate makes room that reads as zeros; -p and -z take contents away', () => {
  const before = `fallocate -l 12K /mnt/g
  ls -l /mnt/g | cut -d ' ' -f 5
  head -c 12288 /dev/zero | tr '\\0' y > /mnt/h
  fallocate -p -o 4K -l 4K /mnt/h
  fallocate -z -o 8K -l 1K /mnt/h
  hexdump -C /mnt/h`
  const { setupOutput } = runReport(recorded(program('', { before })), undefined)
  const yes = '79 79 79 79 79 79 79 79  79 79 79 79 79 79 79 79  |yyyyyyyyyyyyyyyy|'
  const zeros = '00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|'
  expect(setupOutput).toBe(`12288\n00000000  ${yes}\n*\n00001000  ${zeros}\n*\n00002400  ${yes}\n*\n00003000\n`)
})
