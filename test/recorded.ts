/** Scenario texts recorded, for tests that look at whole recordings. */

import { type Diagnostic, renderDiagnostic } from '../src/base/diagnostic.ts'
import type { Recording } from '../src/engine/inspect/recording.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { type RecordOptions, record } from '../src/engine/record.ts'
import { readScenario } from '../src/scenario/read.ts'

/** What `text` is refused with, as a compiler would print it. */
export function refusal(text: string): string {
  const parsed = readScenario(text)
  const result = parsed.ok ? record(parsed.value, text, { prepare: prepareAny }) : parsed
  if (result.ok) throw new Error('the scenario was not refused')
  return result.error.map((d: Diagnostic) => renderDiagnostic(d, text, 'text')).join('\n')
}

export function recorded(text: string, options: Omit<RecordOptions, 'prepare'> = {}): Recording {
  const parsed = readScenario(text)
  if (!parsed.ok) throw new Error(parsed.error.map((d) => renderDiagnostic(d, text, 'text')).join('\n'))
  const recording = record(parsed.value, text, { ...options, prepare: prepareAny })
  if (!recording.ok) throw new Error(recording.error.map((d) => renderDiagnostic(d, text, 'text')).join('\n'))
  return recording.value
}

/** The usual head of a program on device-dax, and `body` as its main. `front`: front matter lines. */
export const onDax = (body: string, front = '', more = ''): string => `---
${front}
---
#include <fcntl.h>
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
static volatile uint64_t *map(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  return mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}
${more}
int main(void) {
  volatile uint64_t *p = map();
  ${body}
  return 0;
}
`
