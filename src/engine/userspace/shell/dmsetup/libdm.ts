/**
 * libdevmapper: requests to /dev/mapper/control, and what it says when one fails.
 *
 * Source: lvm2 2.03.16 (libdm-iface.c), its words as recorded in groundtruth ops4-dm.
 */

import type { DmIoctl } from '../../../linux/drivers/md/dm-ioctl.ts'
import { sys_ioctl } from '../../../linux/fs/ioctl.ts'
import { sys_close, sys_openat } from '../../../linux/fs/open.ts'
import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Request } from '../../../sim/kfunc.ts'
import { entering, strerror } from '../files.ts'

const LIBDM = 'shell: libdm/libdm-iface.c'
const CONTROL = '/dev/mapper/control'
const O_RDWR = 2

/** What the library calls a request, and what the kernel does. */
const requests = {
  version: 'DM_VERSION',
  remove_all: 'DM_REMOVE_ALL',
  names: 'DM_LIST_DEVICES',
  create: 'DM_DEV_CREATE',
  remove: 'DM_DEV_REMOVE',
  rename: 'DM_DEV_RENAME',
  suspend: 'DM_DEV_SUSPEND',
  resume: 'DM_DEV_SUSPEND',
  info: 'DM_DEV_STATUS',
  reload: 'DM_TABLE_LOAD',
  clear: 'DM_TABLE_CLEAR',
  deps: 'DM_TABLE_DEPS',
  status: 'DM_TABLE_STATUS',
  table: 'DM_TABLE_STATUS',
  versions: 'DM_LIST_VERSIONS',
  message: 'DM_TARGET_MSG',
} as const

const DM_NAME_LEN = 128

/** dm_task_set_name(): a device by its name or by its node; what is wrong is said. */
export const dm_task_set_name = kfunc(LIBDM, function* dm_task_set_name(k: Kernel, given: string): Generator<
  Request,
  { readonly name: string; readonly error?: never } | { readonly name?: never; readonly error: string }
> {
  if (given.length >= DM_NAME_LEN) return { error: `Name "${given}" too long.` }
  if (!given.includes('/')) return { name: given }
  const param: DmIoctl = {}
  yield* dm_task_run(k, 'names', param)
  const [, mapper, node] = /^\/dev\/(mapper\/)?([^/]+)$/.exec(given) ?? []
  const found = param.devices?.find(({ name, dev }) =>
    mapper === undefined ? `dm-${dev.split(':')[1]}` === node : name === node,
  )
  return found === undefined ? { error: `Device ${given} not found` } : { name: found.name }
})

/** Undefined: it went well; otherwise what the library says, "" of a device that does not exist where that is an answer. */
export const dm_task_run = kfunc(
  LIBDM,
  function* dm_task_run(k: Kernel, task: keyof typeof requests, param: DmIoctl, number = '') {
    const fd = yield* sys_openat(entering(k), CONTROL, O_RDWR)
    if (fd < 0)
      return `${CONTROL}: open failed: ${strerror(fd)}\nFailure to communicate with kernel device-mapper driver.`
    const rc = yield* sys_ioctl(entering(k), fd, requests[task], param)
    yield* sys_close(entering(k), fd)
    if (rc >= 0) return undefined
    if (rc === -6 && (task === 'info' || task === 'status')) return ''
    const { name = '', uuid = '' } = param
    const place = number === '' ? ` ${uuid} ` : ` ${uuid}${uuid === '' ? '' : ' '}(${number}) `
    return `device-mapper: ${task} ioctl on ${name}${place}failed: ${strerror(rc)}`
  },
)
