/** Which rows of a long table are in view, followed as it scrolls. All rows have one height. */

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Rows above and below the view that are drawn all the same. */
const MARGIN = 12

interface RowWindow {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly first: number
  /** The first row that is not drawn any more. */
  readonly end: number
  /** Scrolls as far as needed for a row to be in view. */
  show(row: number): void
}

/** The head is as high as a row, and stays. */
export function useRowWindow(count: number, height: number): RowWindow {
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, rows: 30 })

  const look = useCallback(() => {
    const element = scroller.current
    if (element === null) return
    const top = Math.floor(element.scrollTop / height)
    const rows = Math.ceil(element.clientHeight / height)
    setView((old) => (old.top === top && old.rows === rows ? old : { top, rows }))
  }, [height])

  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [look])

  const show = (row: number): void => {
    const element = scroller.current
    if (element === null) return
    const top = row * height
    const room = element.clientHeight - 2 * height
    if (top < element.scrollTop) element.scrollTop = top
    else if (top > element.scrollTop + room) element.scrollTop = top - room
    look()
  }

  const first = Math.max(0, Math.min(view.top - MARGIN, count - 1))
  return { scroller, first, end: Math.min(count, view.top + view.rows + MARGIN), show }
}
