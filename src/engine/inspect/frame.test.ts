import { expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { frame } from './frame.ts'

const TEXT = `#include <stdio.h>
#include <stdlib.h>
static int shown(int n) {
  printf("%d ", n);
  return n;
}
static int compare(const void *a, const void *b) {
  return shown(*(int *)a) - *(int *)b;
}
int main(void) {
  int a[] = {2, 1};
  int sum =
    shown(a[0]) +
    shown(a[1]);
  qsort(a, 2, sizeof *a,
    compare);
  return sum != 3;
}
`

test('each caller stands at the line of its call, library code between them', () => {
  const recording = recorded(TEXT)
  const { trace } = recording.machine
  const calls: string[] = []
  for (let step = 0; step < recording.steps; step++) {
    if (trace.kindOf(step) !== 'call' || trace.functionOf(trace.frame.get(step)).name !== 'shown') continue
    const { stack } = frame(recording, step, step)
    calls.push(stack.map(({ function: name, line }) => `${name}:${line ?? ''}`).join(' '))
  }
  expect(calls).toEqual(['shown:13 main:13', 'shown:14 main:14', 'shown:8 compare:8 qsort: main:15'])
})
