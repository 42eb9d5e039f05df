import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordsOf } from './records.ts'

const told = (text: string): readonly string[] =>
  recordsOf(text).flatMap(({ name, size, members }) => [
    `${name} ${size}`,
    ...members.map(
      (m) =>
        `${m.line} ${m.name} ${m.offset}+${m.size}${m.bits ? `:${m.bits.at}+${m.bits.width}` : ''} L${m.lines.join('-')}` +
        `${m.crosses ? ' crosses' : ''}${m.padding > 0 ? ` pad ${m.padding}` : ''}`,
    ),
  ])

test('offset, size, cache line and padding of each member', () => {
  expect(
    told(`---
title: x
---
struct log {
  char kind;
  long length;
  char text[60];
  _Alignas(64) unsigned long valid;
};`),
  ).toEqual([
    'struct log 192',
    '5 kind 0+1 L0-0 pad 7',
    '6 length 8+8 L0-0',
    '7 text 16+60 L0-1 crosses pad 52',
    '8 valid 128+8 L2-2 pad 56',
  ])
})

test('a member that cannot fit into one line does not cross, it spans', () => {
  expect(told('struct s { char big[200]; };')).toEqual(['struct s 200', '1 big 0+200 L0-3'])
})

test('members of records within have the outer record’s offsets', () => {
  expect(told('typedef struct { int a; struct { char b; long c; } in; union { int d; long e; }; } T;')).toEqual([
    'struct (unnamed) 32',
    '1 a 0+4 L0-0 pad 4',
    '1 b 8+1 L0-0 pad 7',
    '1 c 16+8 L0-0',
    '1 in 8+16 L0-0',
    '1 d 24+4 L0-0',
    '1 e 24+8 L0-0',
  ])
})

test('bit-fields, in a text that is wrong elsewhere', () => {
  expect(told('struct f { unsigned a : 3, b : 7; unsigned long c; };\nint main(void) { return p-> }')).toEqual([
    'struct f 16',
    '1 a 0+4:0+3 L0-0',
    '1 b 0+4:3+7 L0-0 pad 6',
    '1 c 8+8 L0-0',
  ])
})

test('headers and their structs are not told', () => {
  expect(told('#include <pthread.h>\n#include <time.h>\nstruct t { struct timespec at; pthread_mutex_t m; };')).toEqual(
    ['struct t 56', '3 at 0+16 L0-0', '3 m 16+40 L0-0'],
  )
})

test.skipIf(!existsSync('/usr/bin/gcc'))('gcc agrees on every offset and size', () => {
  const text = `struct a { char c; short s; int i; long l; char t[3]; double d; };
struct b { struct a x; char y; union { char u1; long u2; } u; struct a many[3]; };
struct c { char p; long q; } __attribute__((packed));
struct d { _Alignas(64) char p; _Alignas(32) struct c q; char z[70]; };`
  const layouts = recordsOf(text)
  const outer = layouts.flatMap(({ name, members }) =>
    members.filter((m) => !/^u\d$/.test(m.name)).map((m) => ({ of: name, ...m })),
  )
  const folder = mkdtempSync(join(tmpdir(), 'layout-'))
  try {
    const lines = outer.map(
      (m) => `printf("%zu %zu\\n", offsetof(${m.of}, ${m.name}), sizeof(((${m.of} *)0)->${m.name}));`,
    )
    const file = join(folder, 'a.c')
    writeFileSync(
      file,
      `#include <stdio.h>\n#include <stddef.h>\n${text}\nint main(void) { ${lines.join('\n')} return 0; }\n`,
    )
    execFileSync('gcc', ['-o', join(folder, 'a'), file])
    const said = execFileSync(join(folder, 'a'), { encoding: 'utf8' })
    expect(outer.map((m) => `${m.offset} ${m.size}\n`).join('')).toBe(said)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
