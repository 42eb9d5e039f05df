/** The thin wrappers over system calls: fcntl.h, unistd.h, sys/mman.h. A negative result becomes errno and -1. */

import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { TICK_NSEC, timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import { sys_mmap, sys_munmap } from '../../linux/mm/mmap.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { type Process, readString, store } from '../process.ts'
import type { LibraryFunction } from './library.ts'

const decoder = new TextDecoder('utf-8')

/** The end of a system call, which takes a tick. */
function* settle(p: Process, result: number): Generator<Request, bigint, unknown> {
  timekeeping_advance(p.kernel, TICK_NSEC)
  if (result >= 0) return BigInt(result)
  yield* store(p, p.errno, 4, BigInt(-result))
  return -1n
}

const int = (word: bigint): number => Number(BigInt.asIntN(32, word))

const open = kfunc('libc: fcntl.h', function* open(p: Process, path: bigint, flags: bigint, mode?: bigint) {
  const name = decoder.decode(yield* readString(p, Number(path)))
  return yield* settle(p, yield* sys_openat(p.kernel, name, int(flags), mode === undefined ? undefined : int(mode)))
})

const close = kfunc('libc: unistd.h', function* close(p: Process, fd: bigint) {
  return yield* settle(p, yield* sys_close(p.kernel, int(fd)))
})

const mmap = kfunc(
  'libc: sys/mman.h',
  function* mmap(p: Process, at: bigint, length: bigint, prot: bigint, flags: bigint, fd: bigint, offset: bigint) {
    const result = yield* sys_mmap(
      p.kernel,
      Number(BigInt.asUintN(64, at)),
      Number(BigInt.asUintN(64, length)),
      int(prot),
      int(flags),
      int(fd),
      Number(BigInt.asIntN(64, offset)),
    )
    return yield* settle(p, result)
  },
)

const munmap = kfunc('libc: sys/mman.h', function* munmap(p: Process, at: bigint, length: bigint) {
  return yield* settle(p, yield* sys_munmap(p.kernel, Number(at), Number(length)))
})

export const unistd: Readonly<Record<string, LibraryFunction>> = { open, close, mmap, munmap }
