/** drivers/nvdimm: the block translation table in one piece, for `KernelOptions.btt`. */

import { btt_tables, nd_btt_arena_is_valid, nvdimm_namespace_attach_btt, nvdimm_namespace_detach_btt } from './btt.ts'
import { btt_version } from './btt_arena.ts'
import { decode_btt_sb, decode_map_entry } from './btt_sb.ts'
import type { NvdimmBtt } from './nd.ts'

const info: NvdimmBtt['info'] = (btt, ndns, bytes) => {
  const sb = decode_btt_sb(bytes)
  const [major, minor] = btt_version(btt)
  if (!nd_btt_arena_is_valid(ndns, sb) || sb.version_major !== major || sb.version_minor !== minor) return undefined
  return { lbasize: sb.external_lbasize, uuid: sb.uuid }
}

export const btt_support: NvdimmBtt = {
  info,
  nvdimm_namespace_attach_btt,
  nvdimm_namespace_detach_btt,
  tables: btt_tables,
  decode_map_entry,
}
