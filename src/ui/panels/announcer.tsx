/**
 * What a screen reader hears. A polite region that speaks when the focus has rested for half a second, so that a
 * held key does not pile up sentences; errors and power loss are said at once.
 */

import { useEffect, useState } from 'react'
import { useAppState } from '../app-context.ts'

const REST_MS = 500

export function Announcer() {
  const announcement = useAppState((state) => state.announcement)
  const [spoken, setSpoken] = useState('')
  useEffect(() => {
    if (announcement.urgent) return
    const timer = setTimeout(() => setSpoken(announcement.text), REST_MS)
    return () => clearTimeout(timer)
  }, [announcement])
  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite">
        {spoken}
      </div>
      <div className="visually-hidden" role="alert">
        {announcement.urgent ? announcement.text : ''}
      </div>
    </>
  )
}
