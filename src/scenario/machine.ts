/** The machine of a scenario: defaults that depend on other keys, and rules that join several keys. */

import type { Reading } from './reading.ts'
import type { MachineConfig, NvdimmConfig, RegionConfig, SegmentConfig } from './scenario.ts'
import { type MachineText, nvdimm, type RegionText, type SegmentText } from './schema.ts'
import { formatSize } from './size.ts'

const DEFAULT_INTERLEAVE = 4096
const MOST_CORES = 8

/** Reports to `reading` what does not fit together; the result counts only when nothing was reported. */
export function assembleMachine(text: MachineText, threads: number, reading: Reading): MachineConfig {
  const { cores, nvdimms: givenDimms, regions: givenRegions, nfit, firmware, dcssblk, ...plain } = text
  const nvdimms = givenDimms ?? (text.arch === 'x86-64' ? [nvdimm.defaults] : [])
  if (nfit !== undefined) {
    for (const name of ['nvdimms', 'regions', 'firmware']) {
      const path = `machine.${name}`
      if (reading.positions.has(path)) reading.error(path, `\`nfit\` describes the hardware: leave out \`${name}\``)
    }
  }
  const regions = givenRegions?.map((region, index): RegionConfig => {
    if (region.type !== 'pmem') return withoutDimms(region, `machine.regions.${index}`, reading)
    if (region.size !== undefined)
      reading.error(`machine.regions.${index}.size`, 'a pmem region is as large as its NVDIMMs')
    if (region.nvdimms === undefined && givenRegions.filter(({ type }) => type === 'pmem').length > 1) {
      reading.error(`machine.regions.${index}`, 'expected `nvdimms`: which DIMMs make up this region?')
    }
    return { ...region, nvdimms: region.nvdimms ?? nvdimms.map((_, dimm) => dimm) }
  })
  if (regions !== undefined) checkRegions(regions, nvdimms, reading)
  return {
    ...plain,
    cores: cores ?? Math.min(threads, MOST_CORES),
    ...(dcssblk === undefined ? {} : { dcssblk: namedSegments(dcssblk, reading) }),
    nvdimms,
    regions: regions ?? nvdimms.map((_, dimm) => ({ type: 'pmem', nvdimms: [dimm], interleave: DEFAULT_INTERLEAVE })),
    firmware: firmware.capabilities === undefined ? {} : { capabilities: firmware.capabilities },
    ...(nfit === undefined ? {} : { nfit }),
  }
}

/** Each segment is known by its name. */
function namedSegments(segments: readonly SegmentText[], reading: Reading): readonly SegmentConfig[] {
  const named = segments.map((segment, i) => ({ ...segment, name: segment.name ?? `DCSS${i}` }))
  for (const [i, { name }] of named.entries())
    if (named.findIndex((other) => other.name === name) < i)
      reading.error(`machine.dcssblk.${i}`, `there is a segment \`${name}\` already`)
  return named
}

/** Linux refuses a volatile range or virtual disk that names DIMMs. */
function withoutDimms(region: RegionText, path: string, reading: Reading): RegionConfig {
  if (region.nvdimms !== undefined)
    reading.error(`${path}.nvdimms`, `no NVDIMM stands behind a region of type \`${region.type}\``)
  if (region.size === undefined) reading.error(path, `a region of type \`${region.type}\` needs a \`size\``)
  return { ...region, nvdimms: [] }
}

function checkRegions(regions: readonly RegionConfig[], nvdimms: readonly NvdimmConfig[], reading: Reading): void {
  const taken = new Map<number, number>()
  for (const [index, region] of regions.entries()) {
    const path = `machine.regions.${index}`
    for (const [position, dimm] of region.nvdimms.entries()) {
      const at = `${path}.nvdimms.${position}`
      const owner = taken.get(dimm)
      if (dimm >= nvdimms.length) {
        reading.error(at, `there is no NVDIMM ${dimm}: \`nvdimms\` has ${nvdimms.length}, counted from 0`)
      } else if (owner !== undefined) {
        reading.error(at, `NVDIMM ${dimm} is already in region ${owner}`)
      }
      taken.set(dimm, index)
    }
    const sizes = region.nvdimms.flatMap((dimm) => nvdimms[dimm]?.size ?? [])
    const first = sizes[0] ?? 0
    const other = sizes.find((size) => size !== first)
    if (other !== undefined) {
      const found = `${formatSize(first)} and ${formatSize(other)}`
      reading.error(path, `interleaved NVDIMMs must be of one size, these are ${found}`)
    } else if (sizes.length > 1 && first % region.interleave !== 0) {
      reading.error(`${path}.interleave`, `${formatSize(first)} is no multiple of the interleave`)
    }
  }
}
