/** Messages that are about the whole page: a damaged link, an engine that was started again. */

import { useApp, useAppState } from '../app-context.ts'

export function Notices() {
  const app = useApp()
  const notices = useAppState((state) => state.notices)
  if (notices.length === 0) return null
  return (
    <section className="notices" aria-label="Messages">
      {notices.map(({ kind, message }) => (
        <div className={`notice ${kind}`} key={message}>
          <p>{message}</p>
          <button type="button" className="quiet" aria-label="Dismiss" onClick={() => app.dismiss(message)}>
            ✕
          </button>
        </div>
      ))}
    </section>
  )
}
