/** What disks were asked for up to this moment, as blktrace would print it. A row leads to its step. */

import type { BioView } from '../../protocol/devices.ts'
import { useApp, useAppState } from '../app-context.ts'

const LETTERS =
  'R read, W write, D discard; F in front: flush first; F behind: forced unit access; S synchronous, M metadata, A read-ahead'

export function BioTrail({ bios }: { readonly bios: readonly BioView[] }) {
  const app = useApp()
  const here = useAppState((state) => state.frame?.step)
  if (bios.length === 0)
    return <p className="empty">No disk has been asked for anything yet. Programs on device-dax never ask one.</p>
  return (
    <>
      <p className="empty">Letters as blktrace prints them: {LETTERS}.</p>
      <ol className="log" aria-label="Disk requests">
        {bios.map(({ step, device, rwbs, sector, sectors, dropped }) => (
          <li key={step} aria-current={step === here ? 'step' : undefined}>
            <button type="button" onClick={() => void app.stepping.seek(step)}>
              <span className="step">#{step}</span>
              <span>
                <b>{device}</b> <code>{rwbs}</code>{' '}
                {sectors === 0 ? 'no data' : `${sectors} sector${sectors === 1 ? '' : 's'} from ${sector}`}
                {dropped && (
                  <span className="by">the queue says “write through”: flush and forced access go no further</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
