/**
 * What differs between kernel releases, as named features; code asks for a feature, never for a version number.
 *
 * `sure` says how we know the commit and the release: read in the source or log, inferred from two sources, or
 * recalled. A release name is `v6.1`, `v4.12+series:13`, with `-COMMIT` and `+COMMIT` for single features.
 */

import { err, ok, type Result } from '../../base/result.ts'

const releases = ['v4.12', 'v4.13', 'v4.14', 'v4.15', 'v4.16', 'v4.18', 'v5.9', 'v5.17', 'v6.1'] as const
type ReleaseName = (typeof releases)[number]

export interface FeatureRow {
  /** Upstream commit, 12 digits; absent where a patch was never merged. */
  readonly commit?: string
  readonly what: string
  /** Absent: no release has it. */
  readonly since?: ReleaseName
  readonly sure: 'read' | 'inferred' | 'recalled'
  /** Number of the patch in the v3 series that brought it, on top of v4.12. */
  readonly series?: number
  /** What it builds on, and cannot be without. */
  readonly needs?: readonly string[]
}

const features = {
  memcpy_flushcache: {
    commit: '0aed55af8834',
    what: 'memcpy_flushcache() replaces memcpy_to_pmem(): unaligned edges are written back',
    since: 'v4.13',
    sure: 'read',
    series: 1,
  },
  fs_dax_copy_from_iter: {
    commit: 'fec53774fd04',
    what: 'write(2) on a DAX file asks the device how to copy: dax_copy_from_iter(); before, copy_from_iter_pmem() for all',
    since: 'v4.13',
    sure: 'recalled',
    series: 3,
    needs: ['memcpy_flushcache'],
  },
  fs_dax_flush: {
    commit: '6318770af1c1',
    what: 'what a sync writes back on a DAX file goes through the device: dax_flush(); before, wb_cache_pmem() for all',
    since: 'v4.13',
    sure: 'recalled',
    series: 6,
    needs: ['pmem_dax_flush'],
  },
  zeroing_flushes: {
    commit: '81f558701ae8',
    what: 'part of a page is zeroed by memset() and dax_flush(); before, by clear_pmem() whatever the device',
    since: 'v4.13',
    sure: 'recalled',
    series: 7,
    needs: ['fs_dax_flush'],
  },
  invalidate_pmem_in_driver: {
    commit: 'f2b612578bbd',
    what: 'throwing cleared sectors out of the caches belongs to libnvdimm: arch_invalidate_pmem()',
    since: 'v4.13',
    sure: 'recalled',
    series: 9,
  },
  no_global_pmem_api: {
    commit: 'ca6a4657e545',
    what: 'include/linux/pmem.h is gone; nobody called it any more',
    since: 'v4.13',
    sure: 'recalled',
    series: 10,
    needs: ['memcpy_flushcache', 'wb_cache_pmem_in_driver', 'invalidate_pmem_in_driver', 'zeroing_flushes'],
  },
  dax_flush_gated_by_queue: {
    what: "a sync of a DAX file writes back only where the queue of the file system's disk has a write cache; merged in another form, as dax/write_cache",
    sure: 'inferred',
    series: 13,
    needs: ['fs_dax_flush'],
  },
  has_flush_needs_pmem_api: {
    commit: 'c00b396ef782',
    what: 'nvdimm_has_flush() says nothing on an architecture that cannot write caches back',
    since: 'v4.13',
    sure: 'read',
    series: 11,
  },
  nfit_volatile_ranges: {
    commit: 'c9e582aa6862',
    what: 'volatile ranges and virtual disks become nd_volatile regions that can host namespaces',
    since: 'v4.13',
    sure: 'read',
    series: 12,
  },
  nvdimm_has_cache: {
    commit: '0b277961f448',
    what: 'the write cache of a pmem disk depends on the region: off when it is volatile',
    since: 'v4.13',
    sure: 'inferred',
    series: 14,
  },
  dax_write_cache: {
    commit: '6e0c90d691cd',
    what: 'dax/write_cache in sysfs',
    since: 'v4.13',
    sure: 'read',
    needs: ['fs_dax_flush'],
  },
  pmem_dax_flush: {
    commit: '3c1cebff23cd',
    what: 'dax_operations get ->flush, and pmem publishes it',
    since: 'v4.13',
    sure: 'read',
    series: 4,
  },
  wb_cache_pmem_in_driver: {
    commit: '4e4f00a9b51a',
    what: 'the write-back of caches belongs to libnvdimm',
    since: 'v4.13',
    sure: 'recalled',
    series: 8,
    needs: ['fs_dax_flush'],
  },
  dax_insert_writable: {
    commit: 'b2770da64254',
    what: 'the first store to a page of a DAX file faults once: the page is mapped writable; before, a second time for that',
    since: 'v4.15',
    sure: 'recalled',
  },
  dax_read_fault_dirties: {
    what: 'a page of a shared mapping of a DAX file counts as stored to from the first load on: the next sync writes its lines back',
    since: 'v6.1',
    sure: 'inferred',
    needs: ['dax_entries_of_pfns'],
  },
  map_sync: {
    commit: 'b8a6176c214c',
    what: 'MAP_SYNC: before a page can be stored to, what says where it is has become durable',
    since: 'v4.15',
    sure: 'recalled',
    needs: ['dax_insert_writable'],
  },
  dax_supported_quiet: {
    what: 'why a disk can not be accessed directly is told to who debugs only',
    since: 'v4.15',
    sure: 'inferred',
  },
  ext4_dax_turns_off: {
    commit: '24f3478d664b',
    what: 'ext4 on a disk without direct access is mounted without it, with a message, up to v5.7',
    since: 'v4.16',
    sure: 'recalled',
  },
  ext4_dax_tristate: {
    commit: '9cb20f94afcd',
    what: 'dax=always, never, inode: ext4 refuses to mount with dax=always on a disk without direct access, as it did before v4.16',
    since: 'v5.9',
    sure: 'recalled',
  },
  ext4_dax_settled: {
    what: 'ext4 no longer warns that direct access is experimental; recorded so, and perhaps true of a release before',
    since: 'v6.1',
    sure: 'inferred',
  },
  ext4_dioread_nolock: {
    commit: '244adf6426ee',
    what: 'pages that ext4 writes back get unwritten extents, which become written when the data is on the disk; before, a commit waits for the data',
    since: 'v5.9',
    sure: 'recalled',
  },
  dax_entries_of_pfns: {
    commit: '3fe0791c295c',
    what: 'a DAX file remembers dirty pages by page frame, not by sector: a sync does not ask the device where they are',
    since: 'v4.15',
    sure: 'recalled',
  },
  dax_flush_without_op: {
    commit: 'c3ca015fab6d',
    what: 'dax_flush() writes back by itself; ->flush is gone',
    since: 'v4.14',
    sure: 'read',
    needs: ['dax_write_cache', 'dm_dax_write_cache'],
  },
  dax_nocache: {
    commit: '7ac5360cd4d0',
    what: 'dax_copy_from_iter() copies past the cache by itself where a flag says so; ->copy_from_iter is gone',
    since: 'v5.17',
    sure: 'recalled',
    needs: ['fs_dax_copy_from_iter', 'dax_copy_needs_driver'],
  },
  dm_dax_copy_from_iter: {
    commit: '7e026c8c0a42',
    what: 'device mapper passes ->copy_from_iter on to the device below',
    since: 'v4.13',
    sure: 'recalled',
    series: 2,
    needs: ['memcpy_flushcache'],
  },
  dm_dax_flush: {
    commit: 'abebfbe2f731',
    what: 'device mapper passes ->flush on to the device below',
    since: 'v4.13',
    sure: 'read',
    series: 5,
    needs: ['pmem_dax_flush'],
  },
  dm_dax_write_cache: {
    commit: '273752c9ff03',
    what: 'a mapped device has a DAX write cache when a device below has one as the table is loaded; before, never',
    since: 'v4.13',
    sure: 'read',
    needs: ['dax_write_cache', 'dm_dax_flush'],
  },
  dm_type_upgrade: {
    commit: 'c934edadcc7a',
    what: 'a mapped device without direct access may get a table with it',
    since: 'v4.16',
    sure: 'read',
  },
  dm_limits_at_load: {
    commit: 'c100ec49fdd2',
    what: 'the limits of a mapped device are looked at when its first table is loaded, not only when it is resumed',
    since: 'v4.16',
    sure: 'recalled',
  },
  dax_supported_range: {
    commit: '7bf7eac8d648',
    what: 'DAX is asked for by range: a mapped device has none where a piece does not begin on a page',
    since: 'v5.9',
    sure: 'read',
  },
  dm_dax_all_legs: {
    commit: '5b0fab508992',
    what: 'a striped device has DAX when all its legs have; before, when any has',
    since: 'v5.17',
    sure: 'inferred',
  },
  dm_log_writes_dax: {
    commit: '98d82f48f198',
    what: 'log-writes passes direct access on, and logs what is copied through it; its sectors are blocks of its device',
    since: 'v4.15',
    sure: 'inferred',
    needs: ['dm_dax_copy_from_iter'],
  },
  dm_delayed_disk: {
    commit: '89f871af1b26',
    what: 'a mapped device appears in sysfs and /dev with its first table',
    since: 'v5.17',
    sure: 'recalled',
  },
  dax_start_off: {
    commit: 'cd913c76f489',
    what: 'bdev_dax_pgoff() is gone: a piece that does not begin on a page silently shifts',
    since: 'v5.17',
    sure: 'recalled',
  },
  dax_zero_page_range: {
    commit: 'f605a263e069',
    what: 'whole pages of a DAX file are zeroed by the driver: ->zero_page_range',
    since: 'v5.9',
    sure: 'recalled',
    needs: ['zeroing_flushes'],
  },
  without_axonram: {
    commit: '1d65b1c886be',
    what: 'the driver of the memory behind the Axon bridge is gone',
    since: 'v4.18',
    sure: 'recalled',
  },
  dm_errors: {
    commit: '2e84fecf19e1',
    what: 'failures of device mapper are logged as errors, and refused targets with their error number',
    since: 'v6.1',
    sure: 'recalled',
  },
  labels_v1_2: {
    commit: 'c12c48ce8612',
    what: 'namespace labels v1.2, and with them a second interleave-set cookie',
    since: 'v4.13',
    sure: 'recalled',
  },
  holder_class: {
    commit: 'b3fde74ea195',
    what: 'namespace attribute "holder_class"',
    since: 'v4.13',
    sure: 'recalled',
  },
  namespace_sector_size: {
    commit: 'f979b13c3cc5',
    what: 'the logical block size of a pmem disk is that of its label',
    since: 'v4.13',
    sure: 'recalled',
  },
  mapping_position: {
    commit: '401c0a19c6c2',
    what: 'a mapping shows its position in the interleave set',
    since: 'v4.15',
    sure: 'recalled',
  },
  resource_root_only: {
    commit: 'b8ff981f88df',
    what: 'attribute "resource" of regions, namespaces and pfn devices: only root may read it',
    since: 'v4.15',
    sure: 'recalled',
  },
  platform_capabilities: {
    commit: '06e8ccdab15f',
    what: 'NFIT platform capabilities; persistence_domain; no cache to flush on eADR',
    since: 'v4.16',
    sure: 'recalled',
  },
  pmem_always_write_back: {
    commit: 'ce7f11a230d5',
    what: 'a pmem disk always has a write-back queue, so that fsync reaches nvdimm_flush()',
    since: 'v4.18',
    sure: 'read',
    needs: ['dax_write_cache'],
  },
  dax_needs_pages: {
    commit: '4557641b4c70',
    what: 'a raw namespace without struct pages no longer offers DAX',
    since: 'v4.18',
    sure: 'read',
  },
  inline_memcpy_flushcache: {
    commit: '02101c45ec5b',
    what: 'memcpy_flushcache() of 4, 8 and 16 bytes is inlined; the rest is __memcpy_flushcache()',
    since: 'v5.9',
    sure: 'recalled',
    needs: ['memcpy_flushcache'],
  },
  flushcache_small_edges: {
    commit: 'a1cd6c2ae47e',
    what: '__copy_user_flushcache() of less than 8 bytes writes back every line that they touch',
    since: 'v5.9',
    sure: 'read',
    needs: ['memcpy_flushcache'],
  },
  generic_nvdimm_flush: {
    commit: 'c5d4355d10d4',
    what: 'nvdimm_flush() calls the flush of the region, by default generic_nvdimm_flush()',
    since: 'v5.9',
    sure: 'recalled',
  },
  submit_bio_of_drivers: {
    commit: 'c62b37d96b6e',
    what: 'drivers that take bios as they are have ->submit_bio; before, a make_request function each: generic_make_request(), pmem_make_request(), dm_make_request()',
    since: 'v5.9',
    sure: 'recalled',
  },
  virtio_pmem: {
    commit: '6e84200c0a29',
    what: "virtio-pmem: a host's file as persistent memory of its guest, with a flush of its own",
    since: 'v5.9',
    sure: 'recalled',
  },
  labels_without_aliasing: {
    commit: 'a0e374525def',
    what: 'labels are used although no block window aliases the DIMM',
    since: 'v5.9',
    sure: 'recalled',
  },
  label_updating_cleared: {
    commit: '966d23a006ca',
    what: 'a label is written twice: with the flag UPDATING on every DIMM of the set, then without it',
    since: 'v5.9',
    sure: 'recalled',
  },
  region_align: {
    commit: '2522afb86a8c',
    what: 'region attribute "align"',
    since: 'v5.9',
    sure: 'recalled',
  },
  region_ro_revalidate: {
    commit: '2361db89aaad',
    what: 'writing read_only of a region makes its disks follow at once, in both directions',
    since: 'v5.17',
    sure: 'recalled',
  },
  target_node: {
    commit: '8fc5c73554db',
    what: 'attribute target_node of regions and namespaces',
    since: 'v5.9',
    sure: 'recalled',
  },
  volatile_badblocks: {
    commit: 'c42adf87e4e7',
    what: 'volatile regions have "badblocks" and "resource"',
    since: 'v5.9',
    sure: 'recalled',
  },
  pfn_subsections: {
    commit: 'a3619190d62e',
    what: 'pfn and dax data begins and ends at 2 MiB; no room for a label of device-dax',
    since: 'v5.9',
    sure: 'recalled',
  },
  pfn_page_size: {
    commit: 'e96f0bf2ec92',
    what: 'PFN info block 1.4: page size and size of struct page',
    since: 'v5.9',
    sure: 'recalled',
  },
  dimm_flags_are_errors: {
    commit: '43f89877f264',
    what: '"Error found in NVDIMM nmemN flags" instead of "nmemN flags"',
    since: 'v5.9',
    sure: 'recalled',
  },
  nfit_location_cookie: {
    commit: 'cf16b05c607b',
    what: 'ranges of 64 bytes with the location cookie of ACPI 6.4',
    since: 'v5.17',
    sure: 'recalled',
  },
  dax_copy_needs_driver: {
    commit: '5d61e43b3975',
    what: 'every driver with direct access publishes ->copy_from_iter; those of volatile memory an ordinary copy',
    since: 'v4.13',
    sure: 'recalled',
    needs: ['fs_dax_copy_from_iter'],
  },
  brd_without_dax: {
    commit: '7a862fbbdec6',
    what: 'RAM disks have no direct access any more',
    since: 'v4.15',
    sure: 'recalled',
  },
  pmem_clears_first: {
    commit: '9409c9b6709e',
    what: 'a write over bad sectors clears them before it writes, and gives up when it can not',
    since: 'v6.1',
    sure: 'recalled',
  },
  no_block_apertures: {
    commit: 'a4b96046a8d7',
    what: 'block windows mean nothing to the NFIT driver any more',
    since: 'v6.1',
    sure: 'recalled',
  },
  nfit_numa_fallback: {
    commit: 'f060db99374e',
    what: 'a range without proximity domain gets the node that its address suggests, and says so',
    since: 'v5.17',
    sure: 'recalled',
  },
} as const satisfies Record<string, FeatureRow>

export type Feature = keyof typeof features

export interface Release {
  /** As written. */
  readonly name: string
  readonly features: ReadonlySet<Feature>
}

/** Every feature, in the order of the table. */
export const featureRows = Object.entries(features) as readonly (readonly [Feature, FeatureRow])[]
const PATCHES = 14

/** Every release without changes, oldest first; the series patch by patch behind the release that it stands on. */
export const releaseNames: readonly string[] = releases.flatMap((name) =>
  name === 'v4.12' ? [name, ...Array.from({ length: PATCHES }, (_, i) => `${name}+series:${i + 1}`)] : [name],
)

export function parseRelease(text: string): Result<Release, string> {
  const [, base, series, changes = ''] = /^(v[0-9.]+)(?:\+series:(\d+))?((?:[+-][0-9a-f]{7,40})*)$/.exec(text) ?? []
  const at = (releases as readonly (string | undefined)[]).indexOf(base)
  if (base === undefined || at < 0)
    return err(`unknown kernel ${JSON.stringify(text)}; the nearest is ${nearest(text)}`)
  if (series !== undefined && base !== 'v4.12') return err(`${text}: the series stands on v4.12, not on ${base}`)
  const patches = Number(series ?? 0)
  if (patches > PATCHES || series === '0') return err(`${text}: the series has patches 1 to ${PATCHES}`)
  const chosen = new Set<Feature>()
  for (const [name, { since, series: patch = Number.POSITIVE_INFINITY }] of featureRows)
    if ((since !== undefined && releases.indexOf(since) <= at) || patch <= patches) chosen.add(name)
  for (const [, sign, commit = ''] of changes.matchAll(/([+-])([0-9a-f]+)/g)) {
    const [name] = featureRows.find(([, row]) => isCommit(row.commit, commit)) ?? []
    if (name === undefined) return err(`${text}: no known feature came with commit ${commit}`)
    if (chosen.has(name) === (sign === '+'))
      return err(`${text}: ${base} ${sign === '+' ? 'already has' : 'does not have'} ${commit} (${name})`)
    if (sign === '+') chosen.add(name)
    else chosen.delete(name)
  }
  const lacking = broken(chosen)
  return lacking === undefined ? ok({ name: text, features: chosen }) : err(`${text}: ${lacking}`)
}

/** A feature whose foundation is not there, in words; undefined: every one stands. */
function broken(chosen: ReadonlySet<Feature>): string | undefined {
  const told = (name: string): string => {
    const { commit } = features[name as Feature] as FeatureRow
    return commit === undefined ? name : `${name} (${commit})`
  }
  for (const [name, { needs = [] }] of featureRows) {
    const missing = chosen.has(name) ? needs.find((each) => !chosen.has(each as Feature)) : undefined
    if (missing !== undefined) return `${told(name)} cannot be without ${told(missing)}`
  }
  return undefined
}

/** One of the two may be shorter than the other. */
const isCommit = (known: string | undefined, said: string): boolean =>
  known !== undefined && (known.startsWith(said) || said.startsWith(known))

/** The release whose number is closest, for the error message. */
function nearest(text: string): string {
  const value = versionOf(text)
  const distance = (name: string): number => Math.abs(versionOf(name) - value)
  return [...releases].sort((a, b) => distance(a) - distance(b))[0] ?? 'v6.1'
}

function versionOf(text: string): number {
  const [, major = '6', minor = '1'] = /(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return Number(major) * 100 + Number(minor)
}
