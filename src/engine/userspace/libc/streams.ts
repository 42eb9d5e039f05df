/** The streams of stdio.h, which are file descriptors with other names, and what writing to them does. */

import type { Request } from '../../sim/kfunc.ts'
import type { Process } from '../process.ts'
import { fail } from './words.ts'

const EBADF = 9

/** Writes to a file descriptor; false when it is none to write to. */
export function* toDescriptor(p: Process, fd: number, bytes: Uint8Array): Generator<Request, boolean, unknown> {
  if (fd === 1 || fd === 2) p.write(fd, bytes)
  else yield* fail(p, EBADF)
  return fd === 1 || fd === 2
}

/** The macros stdin, stdout, stderr are 16, 32, 48. */
export const descriptor = (stream: bigint): number => (stream % 16n === 0n ? Number(stream / 16n) - 1 : -1)
