/** What expressions come to at a place of a program. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DebugSession } from '../../../test/debug-session.ts'

const TEXT = `#include <stdint.h>
#include <stdlib.h>
#define LIMIT 40
#define SQUARE(x) ((x) * (x))
typedef struct node { int key; unsigned flags : 3; int deep : 4; double weight; struct node *next; } node;
enum color { RED, GREEN = 5 };
static node nodes[3] = { { 10, 5, -3, 0.5, &nodes[1] }, { 20, 1, 7, 1.5, &nodes[2] }, { 30, 0, 0, 2.5, 0 } };
static const char *name = "pool";
static unsigned char bytes[4] = { 255, 1, 2, 3 };
int helper(node by_value, int n, int *out) {
  int *own = &n;
  *out = by_value.key + *own;
  return n;
}
int main(void) {
  node *first = nodes, *none = 0, *wild = (node *)0x123456;
  int i = 7, zero = 0, x = 99;
  uint64_t big = 0xffffffffffffffff;
  float f = 0.5f;
  double d = -1.75;
  enum color c = GREEN;
  int result = 0, got = 0;
  {
    long x = -2;
    got = (int)x;
  }
  got += helper(nodes[1], i, &result);
  return got + result + zero + x + (int)f + (int)d + c + (int)big + (none == wild) + first->key;
}
`
const session = new DebugSession(TEXT)
const end = session.at(28)
const value = (text: string): string => session.said(end, text)

describe('an expression is C in the scope of the frame', () => {
  test.each([
    ['i + 1', '8'],
    ['-i / 2', '-3'],
    ['-i % 4', '-3'],
    ['i << 3 | 1', '57'],
    ['~i & 0xff', '248'],
    ['i > 5 && zero == 0', '1'],
    ['zero && 1 / zero', '0'],
    ['i ? d : f', '-1.75'],
    ['f + 1', '1.5'],
    ['(int)(d * 3)', '-5'],
    ['big + 1', '0'],
    ['(int8_t)bytes[0]', "-1 '\\377'"],
    ['bytes[0] + bytes[1]', '256'],
    ['first->next->key', '20'],
    ['(*first).next[1].weight', '2.5'],
    ['nodes[0].flags + nodes[0].deep', '2'],
    ['nodes[0].deep', '-3'],
    ['&nodes[2] - first', '2'],
    ['first == nodes', '1'],
    ['((node *)first->next)->key', '20'],
    ['((struct node *)(void *)&nodes[2])->key', '30'],
    ['sizeof(node)', '24'],
    ['sizeof *first + sizeof(helper(nodes[0], 1, 0))', '28'],
    ['LIMIT + SQUARE(i)', '89'],
    ['c', 'GREEN'],
    ['c == GREEN', '1'],
    ['(enum color)0', 'RED'],
    ['name[2]', "111 'o'"],
    ['*name', "112 'p'"],
    ['i, zero', '0'],
    ['nodes[1]', '{key = 20, flags = 1, deep = 7, weight = 1.5, next = '],
    ['helper', '<helper>'],
    ['(_Bool)i', 'true'],
    ['(uint64_t)1e19', '10000000000000000000'],
  ])('%s', (text, said) => {
    expect(value(text)).toContain(said)
    if (!/[{<]/.test(said)) expect(value(text)).toBe(said)
  })
})

describe('what has no value is said, and where', () => {
  test.each([
    ['i / zero', '1: division by zero'],
    ['1 + none->key', '5: there is no memory at 0x0'],
    ['wild->weight', '1: there is no memory at 0x12345e'],
    ['*wild', '1: there is no memory at 0x123456'],
    ['missing + 1', "1: 'missing' is not declared"],
    ['1 + frst->key', "5: 'frst' is not declared: did you mean 'first'?"],
    ['first->kee', "8: 'struct node' has no member 'kee': did you mean 'key'?"],
    ['i = 3', "1: '=' would change the program: an expression only looks"],
    ['1 + (i += 2)', "6: '+=' would change the program: an expression only looks"],
    ['1 + i++', "5: '++' would change the program: an expression only looks"],
    ['2 * helper(nodes[0], 1, &x)', '5: helper() would run: an expression only looks'],
    ['&i', "2: 'i' is in a register: it has no address"],
    ['i +', '4: the expression is not complete'],
    ['', '1: an expression is expected'],
    ['int y', '1: an expression is expected'],
    ['i; i', "2: ';' has no place in an expression"],
    ['(node){ 1 }', "7: '{' has no place in an expression"],
    ['nodes[0] && 1', "1: a condition must be a number or a pointer, not 'struct node'"],
    ['(void)i', '1: it has no value'],
    ['malloc', 'malloc(): it has no address'],
  ])('%s', (text, said) => {
    expect(value(text)).toContain(said)
  })
})

test('an object says where it is, a value does not; parts open by path', () => {
  expect(session.evaluated(end, 'nodes[1].weight')).toMatchObject({
    kind: 'value',
    value: { type: 'double', at: { kind: 'memory' }, text: '1.5' },
  })
  expect(session.evaluated(end, 'i')).toMatchObject({ value: { at: { kind: 'register' } } })
  const sum = session.evaluated(end, 'i + 1')
  expect(sum).toMatchObject({ kind: 'value', value: { name: 'i + 1', type: 'int', text: '8', parts: 0 } })
  expect('at' in (sum.kind === 'value' ? sum.value : {})).toBe(false)
  const next = session.evaluated(end, 'first + 1', { path: [0] })
  expect(next).toMatchObject({ value: { type: 'struct node', at: { kind: 'memory' }, parts: 5 } })
  expect(session.said(end, 'first + 1', { path: [0, 4, 0, 0] })).toBe('30')
  expect(session.said(end, 'first', { path: [9] })).toBe('1: it has no such part')
})

test('an inner block hides the outer name, and a caller has names of its own', () => {
  const inner = session.at(25)
  expect(session.said(inner, 'x - 1')).toBe('-3')
  const inside = session.at(12)
  expect(session.said(inside, 'n * *own + by_value.key')).toBe('69')
  expect(session.said(inside, 'n', { frame: 1 })).toBe("1: 'n' is not visible here: it is a variable of helper()")
  expect(session.said(inside, 'i * 2', { frame: 1 })).toBe('14')
  expect(session.said(inside, 'x', { frame: 1 })).toBe('99')
  expect(session.said(inside, 'nodes[0].key', { frame: 7 })).toBe('10')
})

test('what files of its own declare is known; types that only a function knows are not', () => {
  const it = new DebugSession(`#include "log.h"
static struct entry log_of[2] = { { 1, 2 }, { 3, 4 } };
int main(void) {
  struct own { int deep; } mine = { 9 };
  return log_of[1].size + mine.deep;
}
--- file: log.h
#pragma once
#define SIZE(e) ((e).size * UNIT)
#define UNIT 64
struct entry { int size, next; };
`)
  const at = it.at(5)
  expect(it.said(at, 'SIZE(log_of[1]) + sizeof(struct entry)')).toBe('200')
  expect(it.said(at, 'mine.deep')).toBe('9')
  expect(it.said(at, '1 + SIZE(mine)')).toBe("5: 'struct own' has no member 'size'")
  expect(it.said(at, 'sizeof(struct own)')).toMatch(/^\d+: /)
})

test('arrays of variable length have the length that they have', () => {
  const it = new DebugSession(`static int f(int n, int grid[n][n + 1]) {
  int row[n];
  for (int i = 0; i < n; i++) row[i] = grid[i][n] + i;
  return row[n - 1];
}
int main(void) {
  int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
  return f(2, grid);
}
`)
  const at = it.at(4)
  expect(it.said(at, 'row')).toBe('{3, 7}')
  expect(it.said(at, 'sizeof row / sizeof row[0]')).toBe('2')
  expect(it.said(at, 'grid[1][2] + row[1]')).toBe('13')
  expect(it.said(at, '*(grid + 1)')).toBe('{4, 5, 6}')
  const { locals } = it.threads(at)[0]?.frames[0] ?? { locals: [] }
  expect(Object.fromEntries(locals.map(({ name, text }) => [name, text]))).toMatchObject({ n: '2', row: '{3, 7}' })
})

test('parameters are known at the first instruction, before they are put in their places', () => {
  const stop = session.run({ step: 0, tick: 0 }, 'forward', [{ at: { kind: 'function', name: 'helper' } }])
  if (stop === null || 'message' in stop) throw new Error('it is called')
  expect(session.said(stop, 'n')).toBe('7')
  expect(session.said(stop, 'by_value.key')).toBe('20')
  expect(session.said(stop, '&n')).toBe("2: 'n' is in a register: it has no address")
})

test('an expression says what the program computes', () => {
  const operand = fc.constantFrom('a', 'b', 'c', 'u', 'd', '3', '200u', '1.5', '(short)u', '(unsigned char)a')
  const node = fc.letrec<{ expr: string }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 4 },
      operand,
      fc
        .tuple(tie('expr'), fc.constantFrom('+', '-', '*', '<', '==', '>=', '&&', '||'), tie('expr'))
        .map(([l, op, r]) => `(${l} ${op} ${r})`),
      fc
        .tuple(operand, fc.constantFrom('&', '|', '^', '%', '<<', '>>'), operand)
        .map(([l, op, r]) => `((int)${l} ${op} (int)(((int)${r} & 7) + 1))`),
      fc.tuple(tie('expr'), tie('expr'), tie('expr')).map(([t, y, n]) => `(${t} ? ${y} : ${n})`),
    ),
  }))
  fc.assert(
    fc.property(fc.array(node.expr, { minLength: 10, maxLength: 10 }), (expressions) => {
      const text = `int main(void) {
  int a = -7; long b = 1L << 40; signed char c = -100; unsigned u = 4000000000u; double d = 2.25;
  ${expressions.map((e, i) => `double r${i} = (double)(${e});`).join(' ')}
  return (int)a;
}
`
      const it = new DebugSession(text)
      const at = it.at(4)
      for (const [i, e] of expressions.entries()) expect(it.said(at, `(double)(${e})`)).toBe(it.said(at, `r${i}`))
    }),
    { numRuns: 15, seed: 4 },
  )
})

test('what several threads share is told as each of them would load it', () => {
  const it = new DebugSession(`---
threads: [left, right]
---
#include <stdlib.h>
static volatile int turns[2];
static long *volatile heap;
int left(void) {
  int mine = 0;
  heap = malloc(64);
  for (int i = 0; i < 50; i++) {
    turns[0]++;
    mine += i;
    heap[i & 7] = mine;
  }
  return mine == 0;
}
int right(void) {
  int mine = 1000;
  for (int i = 0; i < 50; i++) {
    turns[1]++;
    mine -= i;
  }
  return mine == 0;
}
`)
  const stops = it.stops('forward', [{ at: { kind: 'line', line: 12 } }, { at: { kind: 'line', line: 20 } }])
  expect(stops).toHaveLength(100)
  for (const stop of stops) {
    const name = stop.breakpoint === 0 ? 'left' : 'right'
    // Its own store may still be in its store buffer: it alone sees it.
    const own = stop.breakpoint === 0 ? 'turns[0] == i + 1' : 'turns[1] == i'
    expect(it.said(stop, own, { name })).toBe('1')
    if (name === 'left' && Number(it.said(stop, 'i', { name })) > 0)
      expect(it.said(stop, 'heap[(i - 1) & 7] == mine', { name })).toBe('1')
  }
})

test('a store that waits in a store buffer is seen by its own thread alone', () => {
  const it = new DebugSession(`---
threads: [left, right]
---
static volatile int x, y, z;
int left(void) {
  for (int i = 0; i < 20; i++) y++;
  x = 1;
  return y == 3;
}
int right(void) {
  for (int i = 0; i < 40; i++) z++;
  return x == 7;
}
`)
  const stored = it.at(8)
  expect(it.said(stored, 'x', { name: 'left' })).toBe('1')
  expect(it.said(stored, 'x', { name: 'right' })).toBe('0')
})
