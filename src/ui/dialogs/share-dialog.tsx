/** The link: on the clipboard, and in a field to copy by hand. */

import type { AppState } from '../../state/app-state.ts'
import { CHOICES } from '../../state/model-words.ts'
import { scheduleOf } from '../../state/schedule.ts'
import { chosenModel } from '../../state/sharing.ts'
import { useAppState } from '../app-context.ts'
import { Modal } from '../widgets/modal.tsx'

export function ShareDialog({ onClose }: { readonly onClose: () => void }) {
  const share = useAppState((state) => state.share)
  const inLink = contents(useAppState((state) => state))
  return (
    <Modal title="Share this place" onClose={onClose}>
      <div className="dialog-body">
        {share.kind === 'refused' && <p className="warning">No link: {share.message}</p>}
        {share.kind === 'ready' && (
          <>
            <p>In the link itself are {inLink.join(', ')}; nothing is sent to a server.</p>
            <p>
              <input
                className="share-url"
                aria-label="Link"
                readOnly
                data-first
                value={share.url}
                onFocus={(event) => event.target.select()}
              />
            </p>
            <div className="share-row">
              <span className={share.warning === undefined ? 'muted' : 'warning'}>
                {share.warning ?? `${share.url.length.toLocaleString('en')} characters`}
              </span>
              <span role="status">{share.copied ? '✓ copied' : 'copy it with Ctrl C or ⌘ C'}</span>
            </div>
          </>
        )}
      </div>
    </Modal>
  )
}

/** What whoever opens the link will have. */
function contents(state: AppState): readonly string[] {
  const others = state.interventions.length - (scheduleOf(state) === undefined ? 0 : 1)
  const { unit, movnt, cas } = chosenModel(state)
  const model = [
    unit && CHOICES.unit.options[unit],
    movnt && CHOICES.movnt.options[movnt],
    cas && CHOICES.cas.options[cas],
  ].flatMap((choice) => (choice === undefined ? [] : [choice.alone]))
  return [
    'the scenario',
    ...(scheduleOf(state) === undefined ? [] : ['the witness that is played']),
    ...(others === 0 ? [] : [`${others} intervention${others === 1 ? '' : 's'}`]),
    'this very step',
    ...(model.length === 0 ? [] : [`the model (${model.join('; ')})`]),
  ]
}
