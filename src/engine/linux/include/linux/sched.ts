/** include/linux/sched.h: tasks. Left out: scheduling, signals, credentials. */

import { type Identity, struct } from '../../../sim/struct.ts'
import type { FilesStruct } from './fs.ts'
import type { Handle } from './jbd2.ts'
import type { MmStruct } from './mm_types.ts'

interface TaskStructFields {
  pid: number
  comm: string
  /** undefined: a kernel thread. */
  mm: MmStruct | undefined
  files: FilesStruct | undefined
  /** The handle of a journal that it has open. */
  journal_info: Handle | undefined
}

export type TaskStruct = TaskStructFields & Identity

export const task_struct = struct<TaskStructFields>('task_struct', {
  pid: 0,
  comm: '',
  mm: undefined,
  files: undefined,
  journal_info: undefined,
})
