/** A litmus test beside its text: its threads, its memory, and the witness that is being played. */

import type { LitmusView } from '../../protocol/litmus.ts'
import { Memory } from './memory.tsx'
import { ScheduleBar } from './schedule-bar.tsx'
import { Threads } from './threads.tsx'
import './litmus.css'

export default function LitmusPanel({ test }: { readonly test: LitmusView }) {
  return (
    <div className="litmus-panel">
      <ScheduleBar test={test} />
      <Threads test={test} />
      <Memory test={test} />
    </div>
  )
}
