/** A group of a picture that d3 owns for as long as React keeps it on the page. */

import { useMemo, useRef } from 'react'
import { type Drawing, drawShapes } from '../../views/draw-shapes.ts'

interface DrawingRef {
  readonly current: Drawing | undefined
  readonly attach: (el: SVGGElement | null) => (() => void) | undefined
}

export function useDrawing(onPick?: Parameters<typeof drawShapes>[1]): DrawingRef {
  const pick = useRef(onPick)
  pick.current = onPick
  return useMemo(() => {
    let drawing: Drawing | undefined
    return {
      get current() {
        return drawing
      },
      attach(el: SVGGElement | null) {
        if (el === null) return undefined
        const mine = drawShapes(el, (picked) => pick.current?.(picked))
        drawing = mine
        return () => {
          mine.destroy()
          drawing = undefined
        }
      },
    }
  }, [])
}
