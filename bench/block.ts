/**
 * A write of one MiB into persistent memory: past the page cache through the block layer, by the copy that write(2) on a
 * DAX file comes to, and each of them through a stripe over two disks. Steps per second, and time a byte.
 *
 * The copy is begun without a file system: as a thread of its own, on the disk as one range.
 */

import { ensure } from '../src/base/assert.ts'
import { ok } from '../src/base/result.ts'
import { block_class } from '../src/engine/linux/block/genhd.ts'
import { dax_get_by_host } from '../src/engine/linux/drivers/dax/super.ts'
import { dax_iomap_actor } from '../src/engine/linux/fs/dax.ts'
import { disk_part0 } from '../src/engine/linux/include/linux/blk_types.ts'
import { newProcess } from '../src/engine/linux/kernel/fork.ts'
import { contextFor } from '../src/engine/linux/kernel.ts'
import { prepareAny } from '../src/engine/prepare.ts'
import { record } from '../src/engine/record.ts'
import type { CallRecord } from '../src/engine/sim/kfunc.ts'
import type { Thread } from '../src/engine/sim/thread.ts'
import type { Host, Prepare, Workload } from '../src/engine/workload.ts'
import { readScenario } from '../src/scenario/read.ts'

const MIB = 1 << 20
const PASSES = 5

interface Path {
  readonly name: string
  readonly setup: string
  readonly disk: string
  readonly dax: boolean
}

const STRIPE = 'echo 0 65536 striped 2 8 /dev/pmem0 0 /dev/pmem1 0 | dmsetup create both'

const paths: readonly Path[] = [
  { name: 'bio', setup: "'true'", disk: 'pmem0', dax: false },
  { name: 'bio through dm-stripe', setup: STRIPE, disk: 'dm-0', dax: false },
  { name: 'DAX copy', setup: "'true'", disk: 'pmem0', dax: true },
  { name: 'DAX copy through dm-stripe', setup: STRIPE, disk: 'dm-0', dax: true },
]

const scenario = ({ setup, disk, dax }: Path): string => `---
machine: { nvdimms: [{ size: 64M }, { size: 64M }] }
setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=fsdax --map=mem
  ndctl create-namespace -e namespace1.0 -f --mode=fsdax --map=mem
  ${setup}
---
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
static _Alignas(4096) char bytes[${dax ? 1 : MIB}];
int main(void) {
  int fd = open("/dev/${disk}", O_RDWR | O_DIRECT);
  return pwrite(fd, bytes, sizeof bytes, 0) != sizeof bytes;
}
`

/** One thread that runs the copy instead of the program. */
const copying =
  (disk_name: string): Prepare =>
  (o) => {
    const usual = prepareAny(o)
    if (!usual.ok) return usual
    const begin = (host: Host): readonly Thread[] => {
      const k = contextFor(host.kernel, host.core(0), newProcess(host.kernel, 'copy'), 0)
      const disk = ensure(
        block_class(k).find((each) => each.disk_name === disk_name),
        'the setup makes it',
      )
      const dax_dev = ensure(dax_get_by_host(k, disk_name), 'it has direct access')
      const iomap = { bdev: disk_part0(disk), dax_dev, offset: 0, length: MIB, addr: 0 }
      const bytes = new Uint8Array(MIB).fill(7)
      const thread = host.thread('main', 0)
      thread.start(dax_iomap_actor(k, iomap, 0, MIB, { type: 'iovec', segments: [{ bytes }] }) as unknown as CallRecord)
      return [thread]
    }
    return ok(Object.assign(Object.create(usual.value) as Workload, { begin }))
  }

interface Measured {
  readonly steps: number
  /** Milliseconds. */
  readonly ms: number
}

/** One recording from boot to end. */
function measure(path: Path): Measured {
  const text = scenario(path)
  const parsed = readScenario(text)
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  const began = performance.now()
  const recording = record(parsed.value, text, { prepare: path.dax ? copying(path.disk) : prepareAny })
  const ms = performance.now() - began
  if (!recording.ok) throw new Error(recording.error[0]?.message)
  const { machine, steps } = recording.value
  if (machine.problem !== undefined) throw new Error(machine.problem.message)
  return { steps, ms }
}

const line = (what: string, value: string): void => console.log(`${what.padEnd(42)} ${value.padStart(14)}`)

// In turns, so that a machine that is busy for a while slows all of them; the fastest counts.
const best = new Map<Path, Measured>()
for (let pass = 0; pass < PASSES; pass++)
  for (const path of paths) {
    const now = measure(path)
    if (now.ms < (best.get(path)?.ms ?? Number.POSITIVE_INFINITY)) best.set(path, now)
  }

for (const [{ name }, { steps, ms }] of best) {
  line(`${name}: steps`, steps.toLocaleString('en'))
  line(`${name}: steps per second`, ((steps / ms) * 1000).toFixed(0))
  line(`${name}: time a byte`, `${((ms * 1e6) / MIB).toFixed(0)} ns`)
}
const percent = (now: number, before: number): string => `${((now / before - 1) * 100).toFixed(1)} %`
for (const [plain, striped] of [paths.slice(0, 2), paths.slice(2)]) {
  const [a, b] = [plain, striped].map((path) => best.get(path as Path)) as [Measured, Measured]
  line(`${striped?.name} adds: steps (budget 10 %)`, percent(b.steps, a.steps))
  line(`${striped?.name} adds: time (budget 10 %)`, percent(b.ms, a.ms))
}
