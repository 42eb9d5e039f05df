/**
 * drivers/nvdimm/dimm_devs.c: the DIMM's label area through its configuration commands.
 *
 * Each command carries at most as many bytes as the firmware takes at once. Left out: locked and failing areas.
 */

import { kfunc, microOp } from '../../../sim/kfunc.ts'
import { LABEL_WORD, type LabelArea } from '../../include/linux/libnvdimm.ts'
import type { Kernel } from '../../kernel.ts'

const DIMM_DEVS = 'drivers/nvdimm/dimm_devs.c'

export const nvdimm_get_config_data = kfunc(
  DIMM_DEVS,
  function* nvdimm_get_config_data(_k: Kernel, area: LabelArea, offset: number, length: number) {
    yield* []
    return area.read(offset, length)
  },
)

/**
 * One Set Config Data: firmware stores 8 bytes at a time, from the lowest address up. Each word that changes is a step, at
 * which the power may fail.
 */
export const set_config_data = kfunc(
  'drivers/acpi/nfit/core.c',
  function* acpi_nfit_ctl(k: Kernel, area: LabelArea, offset: number, bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + LABEL_WORD - ((offset + at) % LABEL_WORD))
      const to = offset + at
      at += piece.length
      const old = area.read(to, piece.length)
      if (old.every((byte, i) => byte === piece[i])) continue
      const store = (): void => area.writeWord(to, piece)
      yield* microOp(() => {
        if (k.options.storeLabel !== undefined) return k.options.storeLabel(area, to, store)
        store()
        return true
      })
    }
  },
)

export const nvdimm_set_config_data = kfunc(
  DIMM_DEVS,
  function* nvdimm_set_config_data(k: Kernel, area: LabelArea, offset: number, bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; at += area.max_xfer)
      yield* set_config_data(k, area, offset + at, bytes.subarray(at, at + area.max_xfer))
  },
)
