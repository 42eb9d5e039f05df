/** The machine's devices at this step, the firmware table that they come from, and addresses by all their names. */

import { useEffect, useState } from 'react'
import type { ByteName, DeviceView } from '../../protocol/devices.ts'
import { useApp, useAppState } from '../app-context.ts'
import { AddressForm } from './address-form.tsx'
import { Attributes } from './attributes.tsx'
import { BioTrail } from './bio-trail.tsx'
import { DeviceTree } from './device-tree.tsx'
import './devices.css'
import { FirmwareTable } from './firmware-table.tsx'

const PARTS = [
  ['tree', 'Tree'],
  ['table', 'NFIT'],
  ['address', 'Addresses'],
  ['bios', 'Disk I/O'],
] as const

/** What somebody wanted to see last; another `id` is another wish. */
interface Sought {
  readonly id: number
  readonly leads: { readonly kind: 'device' } | { readonly kind: 'address'; readonly name: ByteName }
}

type Part = (typeof PARTS)[number][0]

/** Depth first, as on the screen. */
function* every(devices: readonly DeviceView[]): Generator<DeviceView> {
  for (const device of devices) {
    yield device
    yield* every(device.children)
  }
}

export function DevicesTab() {
  const app = useApp()
  const devices = useAppState((state) => state.devices)
  const asked = useAppState((state) => state.deviceAsked)
  const [part, setPart] = useState<Part>('tree')
  const [chosen, setChosen] = useState<string>()
  const [marked, setMarked] = useState<readonly number[]>([])
  const [sought, setSought] = useState<Sought>()
  // Somebody wants to see a device, or a byte by all its names.
  useEffect(() => {
    if (asked === undefined || devices === undefined) return
    app.deviceShown()
    setPart(asked.kind === 'device' ? 'tree' : 'address')
    if (asked.kind === 'device') setChosen(asked.path)
    setSought((before) => ({ id: (before?.id ?? 0) + 1, leads: asked }))
  }, [asked, devices, app])
  if (devices === undefined) return <p className="empty">Nothing is recorded yet.</p>
  const all = [...every(devices.roots)]
  const device =
    all.find(({ path }) => path === chosen) ?? all.find(({ kind }) => /^nd_(pmem|volatile)$/.test(kind)) ?? all[0]
  return (
    <div className="devices">
      <fieldset className="parts" aria-label="What of the devices">
        {PARTS.map(([name, title]) => (
          <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
            {title}
          </button>
        ))}
      </fieldset>
      {part === 'tree' && devices.roots.length === 0 && (
        <p className="empty">At this step the kernel has no devices yet. Step on: it finds them while it boots.</p>
      )}
      {part === 'tree' && device !== undefined && (
        <>
          <DeviceTree
            roots={devices.roots}
            chosen={device.path}
            choose={({ path }) => setChosen(path)}
            sought={sought?.leads.kind === 'device' ? sought.id : undefined}
          />
          <Attributes
            key={device.path}
            device={device}
            showTable={
              devices.table === undefined || device.structures.length === 0
                ? undefined
                : () => {
                    setMarked(device.structures)
                    setPart('table')
                  }
            }
          />
        </>
      )}
      {part === 'table' &&
        (devices.table === undefined ? (
          <p className="empty">This machine has no NFIT: what persistent memory it has is found in other ways.</p>
        ) : (
          <FirmwareTable table={devices.table} marked={marked} mark={setMarked} />
        ))}
      {part === 'address' && (
        <AddressForm
          key={sought?.leads.kind === 'address' ? sought.id : 0}
          devices={all}
          sought={sought?.leads.kind === 'address' ? sought.leads.name : undefined}
        />
      )}
      {part === 'bios' && <BioTrail bios={devices.bios} />}
    </div>
  )
}
