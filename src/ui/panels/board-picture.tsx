/**
 * The board as SVG. d3 owns what is inside the three groups: machine, arrows, bytes that travel. A frame of the
 * animation changes only the last, and depends on nothing but the time since the move.
 */

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Frame } from '../../protocol/frame.ts'
import { shownLine } from '../../state/details.ts'
import { namesOf } from '../../views/address.ts'
import { layoutHandles } from '../../views/board/handles.ts'
import { layoutBoard } from '../../views/board/layout.ts'
import { layoutArrows, layoutTravellers, motionTime } from '../../views/board/motion.ts'
import { HEADINGS, neighbour } from '../../views/board/neighbour.ts'
import { boardScale } from '../../views/board/rows.ts'
import { boardSentence } from '../../views/board/summary.ts'
import { tileSentence } from '../../views/board/tile.ts'
import { useApp, useAppState } from '../app-context.ts'
import { useDrawing } from '../widgets/use-drawing.ts'
import { useMedia } from '../widgets/use-media.ts'
import { useSize } from '../widgets/use-size.ts'
import { useStill } from '../widgets/use-still.ts'
import { BoardHandles } from './board-handles.tsx'

export function BoardPicture({ frame }: { readonly frame: Frame }) {
  const app = useApp()
  const scroll = useRef<HTMLElement>(null)
  const size = useSize(scroll)
  const narrow = useMedia('(max-width: 799px)')
  const still = useStill()
  const selected = useAppState(shownLine)
  const resting = useAppState((state) => state.resting)
  const transit = useAppState((state) => state.transit)
  const test = useAppState((state) => state.summary?.litmus)
  const names = useMemo(() => test && namesOf(test.locations), [test])
  const [inside, setInside] = useState(false)

  const scale = narrow ? 1 : boardScale(frame, size)
  const layout = useMemo(
    () => layoutBoard({ frame, selected, names }, { w: size.w / scale, h: narrow ? 0 : size.h / scale }),
    [frame, selected, names, size, scale, narrow],
  )

  const handles = useMemo(() => layoutHandles(layout, frame.choices, selected), [layout, frame, selected])

  const machine = useDrawing((pick) => {
    if (pick.kind === 'line') app.details.selectLine(pick.line)
    else void app.stepping.seek(pick.step)
  })
  const arrows = useDrawing()
  const travellers = useDrawing()

  useEffect(() => {
    if (size.w > 0) machine.current?.update(layout.shapes)
  }, [layout, size, machine])
  useEffect(() => {
    if (size.w > 0) arrows.current?.update(layoutArrows(layout, frame, resting))
  }, [layout, frame, resting, size, arrows])

  const played = useRef(0)
  useEffect(() => {
    if (still || size.w === 0 || played.current === transit.id) {
      travellers.current?.update([])
      return
    }
    played.current = transit.id
    const end = app.pending.begin()
    const duration = motionTime(transit.motions)
    const start = performance.now()
    let request = 0
    const draw = (now: number): void => {
      const part = duration === 0 ? 1 : Math.min(1, (now - start) / duration)
      const t = transit.direction === 'forward' ? part : 1 - part
      travellers.current?.update(part >= 1 ? [] : layoutTravellers(layout, transit.motions, t))
      if (part < 1) request = requestAnimationFrame(draw)
      else end()
    }
    request = requestAnimationFrame(draw)
    return () => {
      cancelAnimationFrame(request)
      travellers.current?.update([])
      end()
    }
  }, [transit, layout, still, size, app, travellers])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!inside) {
      if (event.key !== 'Enter' || event.target !== event.currentTarget) return
      event.preventDefault()
      setInside(true)
      go(layout.tiles.findIndex(({ tile }) => tile.line === selected))
      return
    }
    if (event.key === 'Escape') {
      event.preventDefault()
      setInside(false)
      return
    }
    const heading = HEADINGS[event.key]
    if (heading === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    go(neighbour(layout.tiles, at.current, heading))
  }
  const at = useRef(0)
  const go = (index: number): void => {
    at.current = Math.max(0, index)
    const found = layout.tiles[at.current]
    if (found === undefined) return
    app.details.selectLine(found.tile.line)
    app.announce(`${found.where}: ${tileSentence(found.tile, names)}`)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of tiles is no fieldset
    <section
      ref={scroll}
      className="board-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: Enter goes in among the tiles
      tabIndex={0}
      role="group"
      aria-label={`Picture of the machine. ${boardSentence(frame)} Enter: go from line to line with the arrow keys.`}
      data-keys={inside ? 'arrows' : undefined}
      onKeyDown={onKeyDown}
      onBlur={() => setInside(false)}
    >
      <div className="board-canvas" style={{ width: layout.width * scale, height: layout.height * scale }}>
        <svg
          className="board-svg"
          role="img"
          aria-label={boardSentence(frame)}
          width={layout.width * scale}
          height={layout.height * scale}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          <g ref={machine.attach} />
          <g ref={arrows.attach} />
          <g ref={travellers.attach} />
        </svg>
        <BoardHandles handles={handles} scale={scale} />
      </div>
    </section>
  )
}
