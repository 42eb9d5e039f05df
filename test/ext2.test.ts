/** Files on ext2, from mkfs to what a power failure leaves of them: whole recordings. */

import { describe, expect, test } from 'vitest'
import { lossView } from '../src/engine/inspect/loss-view.ts'
import { runReport } from '../src/engine/inspect/report.ts'
import { summary } from '../src/engine/inspect/summary.ts'
import { recorded } from './recorded.ts'

const RECOVER = `int recover(void) {
  char b[16] = "";
  int fd = open("/mnt/f", O_RDONLY);
  if (fd < 0) { printf("no file\\n"); return 0; }
  long n = read(fd, b, 15);
  printf("%ld <%s>\\n", n, b);
  return 0;
}`

const program = (body: string, { kernel = 'v6.1', mount = 'mount -o dax', setup = '' } = {}): string => `---
kernel: ${kernel}
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem > /dev/null
  mkfs.ext2 -q -b 4096 -N 64 /dev/pmem0
  ${mount} /dev/pmem0 /mnt
  ${setup}
---
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
${RECOVER}
`

/** What is found after a power failure at the end of the program. */
const found = (text: string): string =>
  summary(recorded(text, { crashAt: 'end' }))
    .recover?.output.split('\n')
    .at(-2) ?? ''

describe.each(['v4.12', 'v4.13', 'v5.9', 'v6.1'])('%s', (kernel) => {
  test.each([
    // Past the cache at once; the name and the length of the file are what an fsync is for.
    ['write(fd, "hello", 5);', 'no file'],
    ['write(fd, "hello", 5); fsync(fd);', '5 <hello>'],
    ['write(fd, "hello", 5); fsync(fd); pwrite(fd, "HELLOHEL", 8, 0);', '5 <HELLO>'],
  ])('with direct access: %s leaves %s', (body, left) => {
    expect(found(program(body, { kernel }))).toBe(left)
  })

  test.each([
    ['', '5 <hello>'],
    ['fsync(fd);', '5 <jello>'],
    ['_mm_clwb(p); _mm_sfence();', '5 <jello>'],
  ])('a store to a mapping, then %j: %s', (then, left) => {
    const body = `write(fd, "hello", 5); fsync(fd);
  char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); p[0] = 'j'; ${then}`
    expect(found(program(body, { kernel }))).toBe(left)
  })

  test.each([
    ['write(fd, "hello", 5);', 'no file'],
    ['write(fd, "hello", 5); fsync(fd);', '5 <hello>'],
    ['write(fd, "hello", 5); fsync(fd); pwrite(fd, "HELLOHEL", 8, 0);', '5 <hello>'],
    ['write(fd, "hello", 5); sync();', '5 <hello>'],
  ])('through the page cache: %s leaves %s', (body, left) => {
    expect(found(program(body, { kernel, mount: 'mount' }))).toBe(left)
  })
})

describe('writev(61 + 67) at the start of a line, then fsync (kernel.md §1.8)', () => {
  const body = `static char bytes[4096], a[61], b[67];
  write(fd, bytes, sizeof bytes); fsync(fd); lseek(fd, 0, SEEK_SET);
  memset(a, 'a', 61); memset(b, 'b', 67);
  struct iovec pieces[2] = { { a, 61 }, { b, 67 } };
  writev(fd, pieces, 2); fsync(fd);`
  const text = (kernel: string): string =>
    program(body, { kernel }).replace('#include <unistd.h>', '#include <sys/uio.h>\n#include <unistd.h>')

  test.each([
    ['v4.12', [60, 61, 62, 63]],
    ['v4.12+series:2', [60, 61, 62, 63]],
    ['v4.12+series:3', []],
    ['v4.13', []],
    ['v6.1', []],
  ])('%s loses bytes %j', (kernel, lost) => {
    const recording = recorded(text(kernel))
    const found = lossView(recording, recording.machine.end).lost.flatMap(({ file, offset, length }) =>
      Array.from({ length }, (_, i) => [file, offset === undefined ? -1 : offset + i] as const),
    )
    expect(found.filter(([file]) => file === '/mnt/f').map(([, offset]) => offset)).toEqual(lost)
  })
})

test.each(['mount -o dax', 'mount'])(
  "reads and writes of several pieces, at the file's place and at others: %s",
  (mount) => {
    const body = `char a[4] = "", b[8] = "", c[3] = "";
  struct iovec out[3] = { { "abc", 3 }, { "", 0 }, { "defgh", 5 } }, in[3] = { { a, 2 }, { b, 4 }, { c, 2 } };
  long n = pwritev(fd, out, 3, 4);
  printf("%ld %ld ", n, (long)lseek(fd, 0, SEEK_CUR));
  n = writev(fd, out, 1);
  printf("%ld %ld ", n, (long)lseek(fd, 0, SEEK_CUR));
  n = preadv(fd, in, 3, 5);
  printf("%ld <%s|%s|%s> ", n, a, b, c);
  printf("%ld ", readv(fd, in, 3));
  printf("%d <%s|%.4s|%.2s> ", a[0], a + 1, b, c);
  n = readv(fd, in, 3);
  printf("%ld %ld ", n, readv(fd, in, 3));
  printf("%ld %ld ", preadv(fd, in, 3, -1), pwritev(fd, out, 3, -1));
  printf("%ld %ld %ld", preadv(fd, in, -1, 0), readv(fd, in, 1025), pwritev(99, out, 3, 0));`
    const text = program(body, { mount }).replace('#include <unistd.h>', '#include <sys/uio.h>\n#include <unistd.h>')
    // The hole at byte 3 reads as a zero.
    expect(runReport(recorded(text.replace('_exit(0)', 'return 0')), undefined).stdout).toBe(
      '8 0 3 3 7 <bc|defg|h> 8 0 <a|bcde|fg> 1 0 -1 -1 -1 -1 -1',
    )
  },
)

test('stat, lstat and fstat tell what is known of a file', () => {
  const body = `write(fd, "hello", 5); fsync(fd); symlink("f", "/mnt/l"); link("/mnt/f", "/mnt/g"); mkdir("/mnt/d", 0750);
  struct stat a, b, c, d, e;
  printf("%d %d %d ", stat("/mnt/l", &a), lstat("/mnt/l", &b), fstat(fd, &c));
  printf("%o %o %lu %ld %ld %ld ", a.st_mode, b.st_mode, a.st_nlink, a.st_size, b.st_size, a.st_blocks);
  printf("%d %d %d ", a.st_ino == c.st_ino, a.st_dev == c.st_dev && a.st_dev != 0, a.st_mtime == c.st_mtim.tv_sec && a.st_mtime > 0);
  printf("%d %d ", stat("/mnt/d", &d), stat("/dev/pmem0", &e));
  printf("%o %d ", d.st_mode & ~S_IFMT, S_ISDIR(d.st_mode) && !S_ISREG(d.st_mode));
  printf("%d %d ", S_ISBLK(e.st_mode), e.st_rdev == a.st_dev);
  printf("%zu %d %d", sizeof a, stat("/mnt/none", &a), fstat(77, &a));`
  const text = program(body).replace('#include <unistd.h>', '#include <sys/stat.h>\n#include <unistd.h>')
  expect(runReport(recorded(text.replace('_exit(0)', 'return 0')), undefined).stdout).toBe(
    '0 0 0 100644 120777 2 5 1 8 1 1 1 0 0 750 1 1 1 144 -1 -1',
  )
})

test('what is lost is told by file and offset', () => {
  const body = `ftruncate(fd, 400000); char *p = mmap(0, 400000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[5] = 1; p[300000] = 2;`
  const recording = recorded(program(body))
  const { lost } = lossView(recording, recording.machine.end)
  const places = lost.filter(({ block }) => block === undefined).map(({ file, offset }) => `${file}+${offset}`)
  // Behind them the zeros of the new block that nobody has fenced yet.
  expect(places.slice(0, 2)).toEqual(['/mnt/f+5', '/mnt/f+300000'])
  expect(places.every((place) => place.startsWith('/mnt/f+'))).toBe(true)
  // What was allocated is known in memory alone.
  expect(lost.some(({ where, block }) => where === 'buffer-cache' && block !== undefined)).toBe(true)
})

test('the shell makes, moves, shows and removes files', () => {
  const setup = `mkdir -p /mnt/a/b
  echo one > /mnt/a/b/f
  echo two >> /mnt/a/b/f
  cp /mnt/a/b/f /mnt/copy
  mv /mnt/a/b/f /mnt/a/g
  ln -s a/g /mnt/soft
  ln /mnt/copy /mnt/hard
  truncate -s 2K /mnt/long
  dd if=/dev/zero of=/mnt/zeros bs=1K count=3 status=none
  rm /mnt/copy
  rmdir /mnt/a/b
  cat /mnt/soft /mnt/hard
  ls /mnt /mnt/a
  ls -l /mnt/long /mnt/zeros | cut -d ' ' -f 5
  hexdump -C /mnt/soft | head -n 1
  umount /mnt
  ls /mnt
  mount -o dax /dev/pmem0 /mnt
  cat /mnt/hard
  mount`
  const { setupOutput, problem } = runReport(recorded(program('', { setup })), undefined)
  expect(problem).toBeUndefined()
  expect(setupOutput).toBe(`one
two
one
two
/mnt:
a
hard
long
lost+found
soft
zeros

/mnt/a:
g
2048
3072
00000000  6f 6e 65 0a 74 77 6f 0a                           |one.two.|
one
two
/dev/pmem0 on /mnt type ext2 (rw,relatime,dax=always)
`)
})

test.each([
  ['mount /dev/pmem1 /mnt', 'mount: /mnt: /dev/pmem0 already mounted or mount point busy.'],
  ['mount /dev/pmem9 /mnt', 'special device /dev/pmem9 does not exist'],
  ['umount /nothing', 'umount: /nothing: not mounted.'],
  ['mkfs.ext2 /dev/pmem0', '/dev/pmem0 is mounted; will not make a filesystem here!'],
  ['mkdir /mnt/a/b', "mkdir: cannot create directory '/mnt/a/b': No such file or directory"],
  ['rm /mnt/none', "rm: cannot remove '/mnt/none': No such file or directory"],
  ['rm /mnt/lost+found', "rm: cannot remove '/mnt/lost+found': Is a directory"],
  ['mount -t xfs /dev/pmem0 /mnt', "unknown filesystem type 'xfs'"],
])('%s: %s', (command, text) => {
  const { problem } = runReport(recorded(program('', { setup: command })), undefined)
  expect(problem?.message).toContain(command.includes('pmem1') ? 'does not exist' : text)
})

describe('a program', () => {
  const printed = (body: string, kernel = 'v6.1'): string => {
    const recording = recorded(program(`${body} fflush(stdout);`, { kernel }))
    return recording
      .texts('output', recording.machine.end)
      .map(({ text }) => text)
      .join('')
  }

  test('makes, names, cuts and removes files', () => {
    const calls = [
      'mkdir("/mnt/d", 0755)',
      'rename("/mnt/f", "/mnt/d/g")',
      'link("/mnt/d/g", "/mnt/h")',
      'symlink("d/g", "/mnt/s")',
      'ftruncate(fd, 5)',
      'unlink("/mnt/h")',
      'rmdir("/mnt/d")',
      'truncate("/mnt/none", 1)',
    ]
    const body = `write(fd, "hello world", 11); ${calls.map((call) => `printf("%d ", ${call});`).join(' ')}
  char b[16] = ""; int s = open("/mnt/s", O_RDONLY); read(s, b, 15); printf("%s\\n", b);`
    expect(printed(body)).toBe('0 0 0 0 0 0 -1 -1 hello\n')
  })

  test.each(['v4.12', 'v4.13', 'v6.1'])(
    '%s: msync writes back what was stored to, and minds its arguments',
    (kernel) => {
      const body = `ftruncate(fd, 8192);
  char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); p[4096] = 1;
  printf("%d %d %d %d %d\\n", msync(p, 8192, MS_SYNC), msync(p, 8192, MS_ASYNC), msync(p + 1, 1, MS_SYNC),
         msync(p, 1, MS_SYNC | MS_ASYNC), msync(p, 1 << 20, MS_SYNC));`
      expect(printed(body, kernel)).toBe('0 0 -1 -1 -1\n')
      const { counts } = runReport(recorded(program(body, { kernel })), undefined)
      expect(counts.clwb).toBe(64)
    },
  )
})
