/** Who a memory device is: its handle, its serial number, its SMBIOS handle. */

import { handle, type Report, repeated, type Structure } from './nfit-finding.ts'

/** Two DIMMs must not be taken for one, nor one for two. */
export function checkIdentity(memdevs: readonly Structure[], controls: readonly Structure[], report: Report): void {
  const parts = repeated(memdevs, (memdev) =>
    memdev.num('range_index') === 0 ? undefined : `${memdev.num('range_index')} ${memdev.num('device_handle')}`,
  )
  for (const [first, ...others] of parts)
    for (const memdev of others) {
      const name = handle(memdev.num('device_handle'))
      report(
        memdev.offset + 4,
        'error',
        `DIMM ${name} is in this range already, by the memory device at byte ${first?.offset}`,
      )
    }
  const serial = (dcr: Structure): string =>
    ['vendor_id', 'serial_number', 'manufacturing_date', 'manufacturing_location'].map((name) => dcr.num(name)).join()
  for (const twins of repeated(controls, serial)) {
    const dimms = twins.map((dcr) => [dcr, dimmsOf(dcr, memdevs)] as const)
    const [first, ...others] = dimms
    for (const [dcr, handles] of others) {
      if (first === undefined || handles.every((own) => first[1].includes(own))) continue
      const twin = `the control region at byte ${first[0].offset}`
      report(dcr.offset + 24, 'error', `serial number is that of ${twin}: labels can't tell the two DIMMs apart`)
    }
  }
  checkSerials(memdevs, controls, report)
  checkPhysicalIds(memdevs, report)
  for (const dcr of controls) {
    if (dimmsOf(dcr, memdevs).length > 1)
      report(dcr.offset + 4, 'error', 'several DIMMs have this control region: they share a serial number')
    if (dcr.num('serial_number') === 0) report(dcr.offset + 24, 'note', 'serial number is 0')
  }
}

const dimmsOf = (dcr: Structure, memdevs: readonly Structure[]): readonly number[] => [
  ...new Set(
    memdevs
      .filter((memdev) => memdev.num('region_index') === dcr.num('region_index'))
      .map((memdev) => memdev.num('device_handle')),
  ),
]

/** A DIMM may have several control regions, one for each way to talk to it; they are of one part. */
function checkSerials(memdevs: readonly Structure[], controls: readonly Structure[], report: Report): void {
  const first = new Map<number, Structure>()
  const told = new Set<string>()
  for (const memdev of memdevs) {
    const own = memdev.num('device_handle')
    const dcr = controls.find((each) => each.num('region_index') === memdev.num('region_index'))
    const known = first.get(own)
    if (dcr === undefined) continue
    if (known === undefined) first.set(own, dcr)
    else if (known.num('serial_number') !== dcr.num('serial_number') && !told.has(`${own} ${dcr.offset}`)) {
      told.add(`${own} ${dcr.offset}`)
      const other = `${handle(known.num('serial_number'))} by the control region at byte ${known.offset}`
      const message = `DIMM ${handle(own)} has serial number ${handle(dcr.num('serial_number'))} here, ${other}`
      report(memdev.offset + 14, 'error', message)
    }
  }
}

/** One SMBIOS structure describes one DIMM. 0 is what tables say that give none. */
function checkPhysicalIds(memdevs: readonly Structure[], report: Report): void {
  const pairs = new Map<string, Structure>()
  for (const memdev of memdevs) {
    const [physical, own] = [memdev.num('physical_id'), memdev.num('device_handle')]
    if (physical !== 0 && !pairs.has(`${physical} ${own}`)) pairs.set(`${physical} ${own}`, memdev)
  }
  const each = [...pairs.values()]
  for (const [first, ...others] of repeated(each, (memdev) => String(memdev.num('physical_id'))))
    for (const { offset } of others)
      report(
        offset + 8,
        'warning',
        `physical_id is that of another DIMM, in the memory device at byte ${first?.offset}`,
      )
  for (const [first, ...others] of repeated(each, (memdev) => String(memdev.num('device_handle'))))
    for (const { offset } of others)
      report(
        offset + 8,
        'warning',
        `physical_id of the DIMM is another one in the memory device at byte ${first?.offset}`,
      )
}
