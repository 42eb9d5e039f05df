/** The other machine at the same place: a picture without movements. A click on a line selects it in both. */

import { useEffect, useMemo, useRef } from 'react'
import type { CompareState } from '../../state/app-state.ts'
import { shownLine } from '../../state/details.ts'
import { layoutBoard } from '../../views/board/layout.ts'
import { layoutArrows } from '../../views/board/motion.ts'
import { boardScale } from '../../views/board/rows.ts'
import { boardSentence } from '../../views/board/summary.ts'
import { useApp, useAppState } from '../app-context.ts'
import { useDrawing } from '../widgets/use-drawing.ts'
import { useSize } from '../widgets/use-size.ts'

export default function OtherBoard({ other }: { readonly other: NonNullable<CompareState['other']> }) {
  const { name, frame, here } = other
  const app = useApp()
  const host = useRef<HTMLElement>(null)
  const size = useSize(host)
  const selected = useAppState(shownLine)
  const scale = boardScale(frame, size)
  const layout = useMemo(
    () => layoutBoard({ frame, selected, names: undefined }, { w: size.w / scale, h: size.h / scale }),
    [frame, selected, size, scale],
  )
  const machine = useDrawing((pick) => {
    if (pick.kind === 'line') app.details.selectLine(pick.line)
  })
  const arrows = useDrawing()
  useEffect(() => {
    if (size.w === 0) return
    machine.current?.update(layout.shapes)
    arrows.current?.update(layoutArrows(layout, frame, frame.motions))
  }, [layout, frame, size, machine, arrows])
  return (
    <div className="beside">
      <p className="beside-name" data-testid="other-machine">
        <b>{name}</b>{' '}
        <span className="muted">
          {here ? '' : 'has no such place; '}
          <span className="mono">#{frame.step}</span> {frame.event.sentence}
        </span>
      </p>
      <section ref={host} className="board-scroll" aria-label={`The other machine, ${name}`}>
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
        </svg>
      </section>
    </div>
  )
}
