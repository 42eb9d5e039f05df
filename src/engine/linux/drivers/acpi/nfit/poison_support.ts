/** Unreadable media in one piece, for `KernelOptions.poison`: the platform's scrub, and what libnvdimm makes of it. */

import { nvdimm_badblocks_populate } from '../../nvdimm/badrange.ts'
import { nvdimm_bus_fops } from '../../nvdimm/bus_ioctl.ts'
import { invalidate_cleared, nsio_clear_poison, nvdimm_clear_poison } from '../../nvdimm/clear_poison.ts'
import type { NvdimmPoison } from '../../nvdimm/nd.ts'
import { acpi_nfit_ctl, bus_attributes, scrub_once } from './ars.ts'

export const poison_support: NvdimmPoison = {
  nvdimm_badblocks_populate: (k, dev, start, size) => {
    scrub_once(k)
    return nvdimm_badblocks_populate(k, dev, start, size)
  },
  nvdimm_clear_poison,
  invalidate_cleared,
  nsio_clear_poison,
  bus_attributes,
  nvdimm_bus_fops,
  ndctl: acpi_nfit_ctl,
}
