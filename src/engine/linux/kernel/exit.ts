/** kernel/exit.c: the end of a process closes its files and takes its mappings down. Left out: everything else, which ends with it. */

import { kfunc } from '../../sim/kfunc.ts'
import { Killed } from '../../sim/thread.ts'
import { fput, isTracked } from '../include/linux/file.ts'
import type { TaskStruct } from '../include/linux/sched.ts'
import type { Kernel } from '../kernel.ts'

const EXIT = 'kernel/exit.c'

const exit_files = kfunc(EXIT, function* exit_files(k: Kernel) {
  const { files } = k.current
  const open = files?.fd.filter((file) => file !== undefined) ?? []
  if (files !== undefined) files.fd = []
  for (const file of open) if (isTracked(file)) yield* fput(k, file)
})

const exit_mm = kfunc(EXIT, function* exit_mm(k: Kernel) {
  const { mm } = k.current
  const mapped = mm?.mmap.flatMap(({ file }) => file ?? []) ?? []
  if (mm !== undefined) mm.mmap = []
  for (const file of mapped) if (isTracked(file)) yield* fput(k, file)
})

/** Does the end of the process have something to do? */
export const closesFiles = ({ current }: Kernel): boolean =>
  current.files?.fd.some((file) => file !== undefined && isTracked(file)) === true || mapsFiles(current)

const mapsFiles = ({ mm }: TaskStruct): boolean =>
  mm?.mmap.some(({ file }) => file !== undefined && isTracked(file)) === true

/** It never comes back. */
export const do_group_exit = kfunc(EXIT, function* do_group_exit(k: Kernel, status: number) {
  if (mapsFiles(k.current)) yield* exit_mm(k)
  yield* exit_files(k)
  throw new Killed(status, undefined)
})
