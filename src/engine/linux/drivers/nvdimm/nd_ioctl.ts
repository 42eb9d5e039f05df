/**
 * drivers/nvdimm/bus.c: requests of user space to a DIMM, on /dev/nmemN: its label area.
 *
 * Source: torvalds/linux v6.1 (__nd_ioctl(), nd_cmd_clear_to_send()), include/uapi/linux/ndctl.h. Left out: vendor
 * commands, and the wait for a probe that is under way (nothing else runs meanwhile).
 */

import { kfunc } from '../../../sim/kfunc.ts'
import { EBUSY, EINVAL, ENOTTY, EPERM } from '../../include/linux/errno.ts'
import { type File, type FileOperations, O_ACCMODE, O_RDONLY } from '../../include/linux/fs.ts'
import type { Kernel } from '../../kernel.ts'
import { nvdimm_get_config_data, set_config_data } from './label_area.ts'
import type { Nvdimm } from './nd.ts'

/** struct nd_cmd_get_config_size: bytes of the area, and of the longest transfer. */
export interface NdCmdGetConfigSize {
  config_size: number
  max_xfer: number
}

/** struct nd_cmd_get_config_data_hdr */
export interface NdCmdGetConfigData {
  readonly in_offset: number
  readonly in_length: number
  out_buf: Uint8Array
}

/** struct nd_cmd_set_config_hdr */
export interface NdCmdSetConfig {
  readonly in_offset: number
  readonly in_buf: Uint8Array
}

const COMMANDS: Readonly<Record<string, string>> = {
  ND_IOCTL_GET_CONFIG_SIZE: 'get_size',
  ND_IOCTL_GET_CONFIG_DATA: 'get_data',
  ND_IOCTL_SET_CONFIG_DATA: 'set_data',
}

/** Labels must not change under a region that is active. */
const nd_cmd_clear_to_send = kfunc(
  'drivers/nvdimm/bus.c',
  function* nd_cmd_clear_to_send(_k: Kernel, nvdimm: Nvdimm, cmd: string) {
    yield* []
    return cmd === 'ND_IOCTL_SET_CONFIG_DATA' && nvdimm.busy > 0 ? -EBUSY : 0
  },
)

const nvdimm_ioctl = kfunc(
  'drivers/nvdimm/bus.c',
  function* nvdimm_ioctl(k: Kernel, file: File, cmd: string, arg: object) {
    const nvdimm = file.private_data as Nvdimm
    const { area } = nvdimm
    if (!nvdimm.commands.includes(COMMANDS[cmd] ?? '') || area === undefined) return -ENOTTY
    const isWrite = cmd === 'ND_IOCTL_SET_CONFIG_DATA'
    if (isWrite && (file.flags & O_ACCMODE) === O_RDONLY) return -EPERM
    const rc = yield* nd_cmd_clear_to_send(k, nvdimm, cmd)
    if (rc !== 0) return rc
    if (cmd === 'ND_IOCTL_GET_CONFIG_SIZE') {
      Object.assign(arg as NdCmdGetConfigSize, { config_size: area.size, max_xfer: area.max_xfer })
      return 0
    }
    const { in_offset, length } = isWrite
      ? { ...(arg as NdCmdSetConfig), length: (arg as NdCmdSetConfig).in_buf.length }
      : { ...(arg as NdCmdGetConfigData), length: (arg as NdCmdGetConfigData).in_length }
    if (length > area.max_xfer || in_offset + length > area.size) return -EINVAL
    if (isWrite) yield* set_config_data(k, area, in_offset, (arg as NdCmdSetConfig).in_buf)
    else (arg as NdCmdGetConfigData).out_buf = yield* nvdimm_get_config_data(k, area, in_offset, length)
    return 0
  },
)

export const nvdimm_fops: FileOperations = { name: 'nvdimm_fops', unlocked_ioctl: nvdimm_ioctl }
