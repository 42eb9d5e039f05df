/**
 * A write of one MiB past the page cache, through the block layer into persistent memory, straight and through a stripe
 * over two disks: steps per second, and time a byte. What a copy for direct access costs needs a file system.
 */

import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import { readScenario } from '../src/scenario/read.ts'

const MIB = 1 << 20
const PASSES = 3

interface Path {
  readonly name: string
  readonly setup: string
  readonly body: string
}

const paths: readonly Path[] = [
  {
    name: 'bio',
    setup: "'true'",
    body: 'int fd = open("/dev/pmem0", O_RDWR | O_DIRECT); return pwrite(fd, bytes, sizeof bytes, 0) != sizeof bytes;',
  },
  {
    name: 'bio through dm-stripe',
    setup: 'echo 0 131072 striped 2 8 /dev/pmem0 0 /dev/pmem1 0 | dmsetup create both',
    body: 'int fd = open("/dev/dm-0", O_RDWR | O_DIRECT); return pwrite(fd, bytes, sizeof bytes, 0) != sizeof bytes;',
  },
]

const scenario = ({ setup, body }: Path): string => `---
machine: { nvdimms: [{ size: 64M }, { size: 64M }] }
setup: ${setup}
---
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
static _Alignas(4096) char bytes[${MIB}];
int main(void) { ${body} }
`

/** Steps of the program, and its fastest pass in milliseconds. */
function measure(path: Path): { steps: number; ms: number } {
  const text = scenario(path)
  const parsed = readScenario(text)
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  let ms = Number.POSITIVE_INFINITY
  let steps = 0
  for (let pass = 0; pass < PASSES; pass++) {
    const began = performance.now()
    const recording = record(parsed.value, text, { prepare: prepareAny })
    ms = Math.min(ms, performance.now() - began)
    if (!recording.ok) throw new Error(recording.error[0]?.message)
    const { machine } = recording.value
    if (machine.problem !== undefined) throw new Error(machine.problem.message)
    steps = recording.value.steps
  }
  return { steps, ms }
}

const line = (what: string, value: string): void => console.log(`${what.padEnd(34)} ${value.padStart(16)}`)

for (const path of paths) {
  const { steps, ms } = measure(path)
  line(`${path.name}: steps`, steps.toLocaleString('en'))
  line(`${path.name}: steps per second`, ((steps / ms) * 1000).toFixed(0))
  line(`${path.name}: time a byte`, `${((ms * 1e6) / MIB).toFixed(0)} ns`)
}
