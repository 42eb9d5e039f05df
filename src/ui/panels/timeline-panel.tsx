/** Time: call bars and marks as SVG, and a native slider for the hand and the keyboard. */

import { useEffect, useMemo, useRef } from 'react'
import { programSteps } from '../../state/details.ts'
import { drawShapes } from '../../views/draw-shapes.ts'
import { layoutPlayhead, layoutTimeline, type TimelineMark } from '../../views/timeline/layout.ts'
import { useApp, useAppState } from '../app-context.ts'
import { useSize } from '../widgets/use-size.ts'

/** Width of the slider's thumb, as styles/footer.css has it: its middle stands under the playhead. */
const THUMB = 16

export function TimelinePanel() {
  const app = useApp()
  const host = useRef<HTMLDivElement>(null)
  const { w } = useSize(host)
  const summary = useAppState((state) => state.summary)
  const view = useAppState((state) => state.timeline)
  const frame = useAppState((state) => state.frame)
  const steps = useAppState((state) => state.interventionSteps)
  const interventions = useAppState((state) => state.interventions)
  const whole = useAppState((state) => state.wholeTimeline)
  const background = useRef<SVGGElement>(null)
  const playhead = useRef<SVGGElement>(null)

  useEffect(() => {
    if (w > 0) app.details.setTimelineWidth(w)
  }, [w, app])

  // The program's part is shown alone while the focus is in it; what a person chose stays.
  const widened = useRef(false)
  const part = summary === undefined ? undefined : programSteps(summary)
  const outside = frame !== undefined && part !== undefined && (frame.step < part.from || frame.step > part.to)
  useEffect(() => {
    if (outside && !whole) {
      widened.current = true
      app.details.showWholeTimeline(true)
    } else if (!outside && whole && widened.current) {
      widened.current = false
      app.details.showWholeTimeline(false)
    }
  }, [outside, whole, app])

  const layout = useMemo(() => {
    if (view === undefined || summary === undefined || w === 0) return undefined
    const marks: TimelineMark[] = steps.flatMap((at, index) => {
      const failure = interventions[index]?.kind === 'power-failure'
      const step = failure ? summary.failedAt : at
      if (step === undefined) return []
      const label = `step ${step}: ${failure ? 'the power fails' : 'intervention'}`
      return [{ step, kind: failure ? 'failure' : 'intervention', label } as const]
    })
    return layoutTimeline({ view, programStart: summary.programStart, marks }, w)
  }, [view, summary, w, steps, interventions])

  useEffect(() => {
    if (layout === undefined || background.current === null) return
    const drawing = drawShapes(background.current, (pick) => {
      if (pick.kind === 'step') void app.stepping.seek(pick.step)
    })
    drawing.update(layout.shapes)
    return () => drawing.destroy()
  }, [layout, app])
  useEffect(() => {
    if (layout === undefined || playhead.current === null || frame === undefined) return
    const drawing = drawShapes(playhead.current)
    drawing.update(layoutPlayhead(layout, frame.step))
    return () => drawing.destroy()
  }, [layout, frame])

  const from = view?.from ?? 0
  const to = view?.to ?? 0
  const step = frame?.step ?? 0
  const left = layout?.left ?? 92
  const right = layout === undefined ? 14 : layout.width - layout.right
  return (
    <div className="timeline" ref={host}>
      <section
        className="timeline-scroll"
        aria-label="Calls and movements"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        {/* Its bars are also reached by the slider and the stepping keys. */}
        <svg
          width={layout?.width ?? 10}
          height={layout?.height ?? 132}
          role="img"
          aria-label={`Timeline of steps ${from} to ${to}`}
          onPointerMove={(event) => {
            if (layout === undefined || event.buttons !== 1) return
            const box = event.currentTarget.getBoundingClientRect()
            void app.stepping.seek(layout.step(event.clientX - box.left), true)
          }}
        >
          <g ref={background} />
          <g ref={playhead} />
        </svg>
      </section>
      <div className="scrubber" style={{ paddingLeft: left - THUMB / 2, paddingRight: right - THUMB / 2 }}>
        <input
          aria-label="Step"
          type="range"
          min={from}
          max={Math.max(from, to)}
          step={1}
          value={step}
          disabled={view === undefined}
          aria-valuetext={frame === undefined ? '' : `step ${step} of ${to}: ${frame.event.sentence}`}
          onChange={(event) => {
            app.stepping.stopPlaying()
            void app.stepping.seek(Number(event.target.value), true)
          }}
        />
      </div>
    </div>
  )
}
