/** kernel/exit.c: the end of a process closes its files. Left out: everything else, which ends with it. */

import { kfunc } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { filp_close } from '../fs/open.ts'
import type { Kernel } from '../kernel.ts'

const EXIT = 'kernel/exit.c'

const exit_files = kfunc(EXIT, function* exit_files(k: Kernel) {
  const { files } = k.current
  const open = files?.fd.filter((file) => file !== undefined) ?? []
  if (files !== undefined) files.fd = []
  for (const file of open) yield* filp_close(k, file)
})

/** Does the end of the process have something to do? */
export const closesFiles = ({ current }: Kernel): boolean =>
  current.files?.fd.some((file) => file?.f_op.release !== undefined) === true

/** It never comes back. */
export const do_group_exit = kfunc(EXIT, function* do_group_exit(k: Kernel, status: number) {
  yield* exit_files(k)
  throw new Killed(status, undefined)
})
