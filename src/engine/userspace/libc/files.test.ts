/** Programs on raw disks: what they read and write, and what the power leaves of it. */

import { describe, expect, test } from 'vitest'
import { recorded } from '../../../../test/recorded.ts'
import { runReport } from '../../inspect/report.ts'
import { summary } from '../../inspect/summary.ts'

const program = (body: string, recover = 'return 0;', front = ''): string => `---
setup: 'true'
${front}
---
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static _Alignas(4096) char page[8192];
int main(void) {
  ${body}
  return 0;
}
int recover(void) { ${recover} }
`

const LOOK = `int fd = open("/dev/pmem0", O_RDONLY);
  pread(fd, page, 4096, 4096);
  printf("found %.5s\\n", page);
  return 0;`

const ran = (text: string): string => runReport(recorded(text), undefined).stdout

/** What recover() prints when the power has failed right after a step. */
function found(text: string, crashAt: number | 'end'): string {
  const recording = recorded(text, { crashAt })
  return summary(recording).recover?.output ?? ''
}

const survived = (body: string): string => found(program(body, LOOK, 'machine: { policy: lazy }'), 'end')

/** The step at which the program printed its last word. */
function printed(text: string): number {
  const { trace } = recorded(text).machine
  let step = 0
  for (let i = 0; i < trace.length; i++) if (trace.kindOf(i) === 'output') step = i
  return step
}

describe('a file', () => {
  test('is read and written where it stands, and where it is told to', () => {
    const text = program(`int fd = open("/dev/pmem0", O_RDWR);
  printf("%ld ", write(fd, "hello", 5));
  printf("%ld ", pwrite(fd, "J", 1, 0));
  printf("%ld ", lseek(fd, 1, SEEK_SET));
  printf("%ld ", read(fd, page, 4));
  printf("%.4s ", page);
  printf("%ld ", lseek(fd, -3, SEEK_CUR));
  printf("%ld ", read(fd, page, 3));
  printf("%.3s ", page);
  printf("%ld ", lseek(fd, 0, SEEK_END));
  printf("%ld ", read(fd, page, 1));
  printf("%ld ", write(fd, "x", 1));
  printf("%d ", errno == ENOSPC);
  printf("%ld ", lseek(fd, -1, SEEK_SET));
  printf("%d\\n", errno == EINVAL);
  pread(fd, page, 5, 0);
  printf("%.5s %d %d ", page, fsync(fd), fdatasync(fd));
  printf("%d\\n", close(fd));
  printf("%d ", fsync(fd));
  printf("%d\\n", errno == EBADF);`)
    expect(ran(text)).toBe('5 1 1 4 ello 2 3 llo 67108864 0 -1 1 -1 1\nJello 0 0 0\n-1 1\n')
  })

  test('opened with O_DIRECT wants aligned offsets, lengths and buffers', () => {
    const text = program(`int fd = open("/dev/pmem0", O_RDWR | O_DIRECT);
  printf("%ld ", pwrite(fd, page, 512, 0));
  printf("%ld ", pwrite(fd, page + 1, 512, 0));
  printf("%d ", errno == EINVAL);
  printf("%ld ", pwrite(fd, page, 511, 0));
  printf("%ld ", pwrite(fd, page, 512, 1));
  printf("%ld\\n", pread(fd, page + 512, 1024, 512));`)
    expect(ran(text)).toBe('512 -1 1 -1 -1 1024\n')
  })

  test('can be taken by one alone', () => {
    const text = program(`int a = open("/dev/pmem0", O_RDWR | O_EXCL);
  int b = open("/dev/pmem0", O_RDWR | O_EXCL);
  printf("%d %d %d ", a, b, errno == EBUSY);
  close(a);
  printf("%d\\n", open("/dev/pmem0", O_RDWR | O_EXCL));`)
    expect(ran(text)).toBe('3 -1 1 3\n')
  })
})

describe('after a power failure', () => {
  const WRITE = 'strcpy(page, "hello"); pwrite(fd, page, 4096, 4096);'

  test('a program that has ended has closed its files, which writes them back as a sync does', () => {
    expect(survived(`int fd = open("/dev/pmem0", O_RDWR); ${WRITE} _exit(0);`)).toBe('found hello\n')
    expect(survived(`int fd = open("/dev/pmem0", O_RDWR); ${WRITE} fsync(fd);`)).toBe('found hello\n')
    expect(survived(`int fd = open("/dev/pmem0", O_RDWR | O_SYNC); ${WRITE}`)).toBe('found hello\n')
  })

  test('a write without fsync is lost when the power fails before the file is closed', () => {
    const text = program(`int fd = open("/dev/pmem0", O_RDWR); ${WRITE} printf("written\\n");`, LOOK)
    expect(found(text, printed(text))).toBe('found \n')
    const synced = text.replace('printf("written', 'fsync(fd); printf("written')
    expect(found(synced, printed(synced))).toBe('found hello\n')
  })
})

test('the report lists what the disk was asked for, and what its queue kept back', () => {
  const text = program(`int fd = open("/dev/pmem0", O_RDWR | O_DIRECT | O_SYNC); pwrite(fd, page, 512, 1024);`)
  const bios = (setup: string): readonly unknown[] => {
    const recording = recorded(text.replace("setup: 'true'", setup))
    const { bios, programStart } = runReport(recording, undefined)
    return bios.filter(({ step }) => step >= programStart).map(({ step: _, ...bio }) => bio)
  }
  const write = { device: 'pmem0', rwbs: 'WFS', sector: 2, sectors: 1 }
  const flush = { device: 'pmem0', rwbs: 'FWS', sector: 0, sectors: 0 }
  expect(bios("setup: 'true'")).toEqual([write, flush])
  expect(bios(`setup: 'echo "write through" > /sys/block/pmem0/queue/write_cache'`)).toEqual([
    { ...write, dropped: true },
    { ...flush, dropped: true },
  ])
})

test('bytes of a raw disk go by its name', () => {
  const text = program(`int fd = open("/dev/pmem0", O_RDWR | O_DIRECT); page[0] = 1; pwrite(fd, page, 512, 1024);`)
  const recording = recorded(text, { crashAt: 'end' })
  expect(summary(recording).storage).toBe('/dev/pmem0 ← region0 ← NVDIMM 0')
  const { crash } = runReport(recorded(text), recorded(text).machine.end)
  expect(crash?.mayLose.map(({ file, offset, length }) => [file, offset, length])).toEqual([['/dev/pmem0', 1024, 512]])
})
