/** kernel/fork.c: new tasks. Left out: copying address spaces; a process starts empty. */

import { struct } from '../../sim/struct.ts'
import { files_struct } from '../include/linux/fs.ts'
import { mm_struct } from '../include/linux/mm_types.ts'
import { type TaskStruct, task_struct } from '../include/linux/sched.ts'
import type { Kernel } from '../kernel.ts'

const pid_namespace = struct<{ last: number }>('pid_namespace', { last: 99 })

/** A process with an empty address space and no open files; its threads are contexts of the same task. */
export function newProcess(k: Kernel, comm: string): TaskStruct {
  const pids = k.global(pid_namespace)
  pids.last++
  const mm = mm_struct.create(k.journal)
  return task_struct.create(k.journal, { pid: pids.last, comm, mm, files: files_struct.create(k.journal) })
}
