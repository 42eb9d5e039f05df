/** The size of an element's content box, followed as it changes. */

import { type RefObject, useEffect, useState } from 'react'

export interface Size {
  readonly w: number
  readonly h: number
}

export function useSize(ref: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ w: 0, h: 0 })
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const observer = new ResizeObserver((entries) => {
      const box = entries.at(-1)?.contentRect
      if (box === undefined) return
      const next = { w: Math.floor(box.width), h: Math.floor(box.height) }
      setSize((old) => (old.w === next.w && old.h === next.h ? old : next))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return size
}
