import { expect, test } from 'vitest'
import { rare } from './check-rare.ts'
import { compile } from './compile.ts'
import { allHeaders } from './more-headers.ts'
import { OwnFiles } from './own-files.ts'
import { sectionsOf } from './sections.ts'

const LOG = `--- file: log.h
#ifndef LOG_H
#define LOG_H
struct log { int valid; };
int twice(int n);
#endif
`

function told(text: string): readonly string[] {
  const own = new OwnFiles(text)
  const program = compile(own.main, { headers: allHeaders, rare, own })
  return program.ok ? [] : program.error.map(({ line, message }) => `${line}: ${message}`)
}

test('a header of the program’s own, included twice, and a further source file', () => {
  const main =
    '#include "log.h"\n#include "log.h"\n#include "log.c"\nint main(void) { struct log l = { 1 }; return twice(l.valid); }\n'
  expect(told(`${main}${LOG}--- file: log.c\n#include "log.h"\nint twice(int n) { return 2 * n; }\n`)).toEqual([])
})

test('a mistake is told at its place in the whole text', () => {
  expect(told(`#include "log.h"\nint main(void) { return 0; }\n--- file: log.h\nint a;\nint b = c;\n`)).toEqual([
    "5: 'c' is not declared",
  ])
})

test('each file has its place', () => {
  expect(sectionsOf('int a;\n--- file: x.h\nint b;\n--- file:  y/z.c \r\n')).toEqual([
    { name: 'x.h', line: 2, offset: 7, start: 21 },
    { name: 'y/z.c', line: 4, offset: 28, start: 47 },
  ])
})

test('what nobody includes, what has no name or two, is told', () => {
  expect(
    told('int main(void) { return 0; }\n--- file: a.c\n--- file: ../..x y\n--- file: b.h\n--- file: b.h\n'),
  ).toEqual(["2: nothing includes 'a.c'", '3: a file needs a name such as log.h', "5: there are two files 'b.h'"])
})

test('a file that includes itself ends in a message, with `#pragma once` in a program', () => {
  expect(told('#include "a.h"\nint main(void) { return 0; }\n--- file: a.h\n#include "a.h"\n')).toEqual([
    '4: own files are included more than 8 deep',
  ])
  const many = '#include "a.h"\n'.repeat(9)
  const bomb = `#include "a.h"\nint main(void) { return 0; }\n--- file: a.h\n#if __COUNTER__ >= 0\n${many}#endif\n`
  expect(told(bomb).join('\n')).toMatch(/own files are included more than/)
  expect(
    told('#include "a.h"\nint main(void) { return x; }\n--- file: a.h\n#pragma once\n#include "a.h"\nint x;\n'),
  ).toEqual([])
})

test('<log.h> is no own file, and "string.h" is the library’s', () => {
  expect(told(`#include <log.h>\nint main(void) { return 0; }\n${LOG}`)[0]).toMatch(/there is no header 'log\.h'/)
  expect(told(`#include "string.h"\nint main(void) { return (int)strlen(""); }\n${LOG}`)).toEqual([])
})
