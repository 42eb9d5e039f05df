/**
 * drivers/nvdimm: everything about labels in one piece, for `KernelOptions.labels`. A machine whose DIMMs have no label
 * area boots without it.
 */

import type { Kernel } from '../../kernel.ts'
import { nd_region_allocatable_dpa, nd_region_available_dpa } from './dpa.ts'
import { nd_label_nfree, nd_region_interleave_set_cookie } from './label.ts'
import {
  create_namespaces,
  name_namespace,
  new_namespace_pmem,
  note_active_labels,
  nvdimm_probe_labels,
} from './namespace_labels.ts'
import { btt_claim_class, nd_namespace_label_update } from './namespace_pmem.ts'
import type { NdNamespace, NdRegion, NvdimmLabels } from './nd.ts'
import { nvdimm_fops } from './nd_ioctl.ts'

function nd_namespace_pmem_create(k: Kernel, region: NdRegion): NdNamespace {
  const ndns = new_namespace_pmem(k, region)
  name_namespace(k, region, ndns)
  return ndns
}

export const label_support: NvdimmLabels = {
  nd_label_nfree,
  nvdimm_probe: nvdimm_probe_labels,
  note_active_labels,
  create_namespaces,
  nd_namespace_pmem_create,
  nd_region_interleave_set_cookie,
  nd_region_available_dpa,
  nd_region_allocatable_dpa,
  btt_claim_class,
  nd_namespace_label_update,
  nvdimm_fops,
}
