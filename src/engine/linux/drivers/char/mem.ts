/** drivers/char/mem.c: /dev/null and /dev/zero. Left out: mapping them, the other memory devices. */

import { kfunc } from '../../../sim/kfunc.ts'
import type { File, FileOperations } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'

const MEM = 'drivers/char/mem.c'

const read_null = kfunc(MEM, function* read_null() {
  yield* []
  return 0
})

const write_null = kfunc(MEM, function* write_null(_k: Kernel, _file: File, bytes: Uint8Array) {
  yield* []
  return bytes.length
})

const read_zero = kfunc(MEM, function* read_zero(_k: Kernel, _file: File, into: Uint8Array) {
  yield* []
  into.fill(0)
  return into.length
})

/** By the name of the node in /dev. */
export const mem_fops: Readonly<Record<string, FileOperations>> = {
  null: { name: 'null_fops', read: read_null, write: write_null },
  zero: { name: 'zero_fops', read: read_zero, write: write_null },
}
