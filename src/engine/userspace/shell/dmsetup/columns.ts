/** dmsetup info: what it says of a device, as a list and in columns. Source: lvm2 2.03.16, recorded in groundtruth ops4-dm. */

import type { DmStatus } from '../../../linux/drivers/md/dm-ioctl.ts'

/** Sectors that a disk reads ahead. */
const READ_AHEAD = 256

export function listed(status: DmStatus): string {
  const { active_present: live, inactive_present: inactive, uuid } = status
  const tables = [live && 'LIVE', inactive && 'INACTIVE'].filter(Boolean).join(' & ')
  const rows: readonly (readonly [string, string | number])[] = [
    ['Name', status.name],
    ['State', `${status.suspended ? 'SUSPENDED' : 'ACTIVE'}${status.readonly ? ' (READ-ONLY)' : ''}`],
    ['Read Ahead', READ_AHEAD],
    ['Tables present', tables === '' ? 'None' : tables],
    ['Open count', status.open_count],
    ['Event number', status.event_nr],
    ['Major, minor', `${status.major}, ${status.minor}`],
    ['Number of targets', status.target_count],
  ]
  const text = rows.map(([title, value]) => `${`${title}:`.padEnd(19)}${value}\n`).join('')
  return `${text}${uuid === '' ? '' : `UUID: ${uuid}\n`}\n`
}

interface Column {
  readonly title: string
  readonly width: number
  readonly right: boolean
  value(status: DmStatus): string
}

const attributes = ({ active_present, inactive_present, suspended, readonly }: DmStatus): string =>
  `${active_present ? 'L' : '-'}${inactive_present ? 'I' : '-'}${suspended ? 's' : '-'}${readonly ? 'r' : 'w'}`

const columns: Readonly<Record<string, Column>> = {
  name: { title: 'Name', width: 16, right: false, value: ({ name }) => name },
  major: { title: 'Maj', width: 3, right: true, value: ({ major }) => String(major) },
  minor: { title: 'Min', width: 3, right: true, value: ({ minor }) => String(minor) },
  attr: { title: 'Stat', width: 4, right: false, value: attributes },
  open: { title: 'Open', width: 4, right: true, value: ({ open_count }) => String(open_count) },
  segments: { title: 'Targ', width: 4, right: true, value: ({ target_count }) => String(target_count) },
  events: { title: 'Event', width: 6, right: true, value: ({ event_nr }) => String(event_nr) },
  uuid: { title: 'UUID', width: 32, right: false, value: ({ uuid }) => uuid },
}

/** `fields`: names of columns, all without any. Undefined: there is no such column. */
export function inColumns(all: readonly DmStatus[], fields: string | undefined, headings: boolean): string | undefined {
  const wanted = fields?.split(',') ?? Object.keys(columns)
  if (!wanted.every((name) => Object.hasOwn(columns, name))) return undefined
  const shown = wanted.map((name) => columns[name] as Column)
  const widths = shown.map(({ title, width, value }) => {
    const texts = [...(headings ? [title] : []), ...all.map(value)]
    return Math.max(headings || shown.length > 1 ? width : 0, ...texts.map((text) => text.length))
  })
  const row = (cells: readonly string[], right: (i: number) => boolean): string =>
    `${cells.map((cell, i) => (right(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' ')}\n`
  const head = headings
    ? row(
        shown.map(({ title }) => title),
        () => false,
      )
    : ''
  const rows = all.map((status) =>
    row(
      shown.map(({ value }) => value(status)),
      (i) => shown[i]?.right === true,
    ),
  )
  return head + rows.join('')
}
