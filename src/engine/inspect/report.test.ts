import { expect, test } from 'vitest'
import { recorded } from '../../../test/recorded.ts'
import { runReport } from './report.ts'

test('what a program prints is told by stream', () => {
  const text = `#include <stdio.h>
int main(void) {
  printf("one ");
  fprintf(stderr, "oh ");
  printf("two");
  fputs("dear", stderr);
}
`
  expect(runReport(recorded(text), undefined)).toMatchObject({ stdout: 'one two', stderr: 'oh dear' })
})
