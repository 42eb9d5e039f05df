import { expect, test } from 'vitest'
import { type Feature, featureRows, parseRelease, releaseNames } from './releases.ts'

const has = (name: string, feature: Feature): boolean => {
  const release = parseRelease(name)
  if (!release.ok) throw new Error(release.error)
  return release.value.features.has(feature)
}
const refusal = (name: string): string => {
  const release = parseRelease(name)
  return release.ok ? '' : release.error
}

test('a feature comes with its release and stays', () => {
  const names = ['v4.12', 'v4.13', 'v4.14', 'v5.9', 'v6.1']
  expect(names.map((name) => has(name, 'memcpy_flushcache'))).toEqual([false, true, true, true, true])
  expect(names.map((name) => has(name, 'labels_without_aliasing'))).toEqual([false, false, false, true, true])
})

test('the series brings its patches one after the other, on v4.12', () => {
  expect(has('v4.12+series:11', 'nfit_volatile_ranges')).toBe(false)
  expect(has('v4.12+series:12', 'nfit_volatile_ranges')).toBe(true)
  expect(has('v4.12+series:14', 'dax_write_cache')).toBe(false)
})

test('each of the fourteen patches has at least one row, and what has no commit is known', () => {
  const patches = new Set(featureRows.flatMap(([, { series }]) => series ?? []))
  expect([...patches].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1))
  expect(featureRows.flatMap(([name, { commit }]) => (commit === undefined ? [name] : []))).toEqual([
    'dax_flush_gated_by_queue',
    'dax_read_fault_dirties',
    'dax_supported_quiet',
    'ext4_dax_settled',
  ])
})

test('a patch that was never merged is in no release, but in the series from its number on', () => {
  const having = releaseNames.filter((name) => has(name, 'dax_flush_gated_by_queue'))
  expect(having).toEqual(['v4.12+series:13', 'v4.12+series:14'])
})

test('no commit brings two features', () => {
  const commits = featureRows.flatMap(([, { commit }]) => commit ?? [])
  expect(new Set(commits).size).toBe(commits.length)
})

test('a commit can be taken away or added', () => {
  expect(has('v4.13-273752c9ff03', 'dm_dax_write_cache')).toBe(false)
  expect(has('v4.12+0aed55af88345b5d673240f90e671d79662fb01e', 'memcpy_flushcache')).toBe(true)
})

test('what a change leaves without its foundation is refused by name', () => {
  expect(refusal('v4.12+273752c9ff03')).toBe(
    'v4.12+273752c9ff03: dm_dax_write_cache (273752c9ff03) cannot be without dax_write_cache (6e0c90d691cd)',
  )
  expect(refusal('v4.13-3c1cebff23cd')).toContain('cannot be without pmem_dax_flush (3c1cebff23cd)')
  expect(refusal('v4.12+series:3-0aed55af8834')).toContain('cannot be without memcpy_flushcache')
  const names: readonly string[] = featureRows.map(([name]) => name)
  for (const [, { needs = [] }] of featureRows) for (const each of needs) expect(names).toContain(each)
  for (const name of releaseNames) expect(parseRelease(name).ok).toBe(true)
})

test('what does not exist is refused with what is near', () => {
  expect(refusal('v6.2')).toContain('the nearest is v6.1')
  expect(refusal('5.10')).toContain('the nearest is v5.9')
  expect(refusal('v4.13+series:3')).toContain('stands on v4.12')
  expect(refusal('v4.12+series:15')).toContain('1 to 14')
  expect(refusal('v6.1-123456789abc')).toContain('no known feature')
  expect(refusal('v4.12-0aed55af8834')).toContain('does not have')
  expect(refusal('v6.1+0aed55af8834')).toContain('already has')
})
