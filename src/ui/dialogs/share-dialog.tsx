/** The link: on the clipboard, and in a field to copy by hand. */

import { useAppState } from '../app-context.ts'
import { Modal } from '../widgets/modal.tsx'

export function ShareDialog({ onClose }: { readonly onClose: () => void }) {
  const share = useAppState((state) => state.share)
  return (
    <Modal title="Share this place" onClose={onClose}>
      <div className="dialog-body">
        {share.kind === 'refused' && <p className="warning">No link: {share.message}</p>}
        {share.kind === 'ready' && (
          <>
            <p>
              The scenario, your interventions and this very step are in the link itself; nothing is sent to a server.
            </p>
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
