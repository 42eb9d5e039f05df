/** The threads of the test side by side: what each has issued, and what it issues next. */

import type { LitmusView } from '../../protocol/litmus.ts'
import { useApp, useAppState } from '../app-context.ts'
import { type InstructionRow, type Progress, progressOf, rowsOf } from './instruction-rows.ts'

const SIGN: Readonly<Record<Progress, string>> = { issued: '✓', now: '●', next: '▸', ahead: '' }
const SAID: Readonly<Record<Progress, string>> = {
  issued: 'issued',
  now: 'issued by this step',
  next: 'next',
  ahead: 'not yet issued',
}

export function Threads({ test }: { readonly test: LitmusView }) {
  const frame = useAppState((state) => state.frame)
  const threads = useAppState((state) => state.summary?.threads)
  const here = frame?.litmus
  if (frame === undefined || here === undefined) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="litmus-threads" aria-label="Threads" tabIndex={0}>
      {test.threads.map(({ name, instructions }, index) => {
        const registers = here.registers[index] ?? []
        const core = threads?.find((each) => each.name === name)?.core
        return (
          <section className="litmus-thread" key={name} aria-label={`Thread ${name}`}>
            <h3>
              {name} <span className="muted">core {core ?? index}</span>
            </h3>
            <ol>
              {rowsOf(instructions).map((row) => (
                <Instruction key={row.at[0]} row={row} progress={progressOf(row, here.next[index] ?? 0, frame.step)} />
              ))}
            </ol>
            {registers.length > 0 && (
              <dl aria-label={`Registers of ${name}`}>
                {registers.map((register) => (
                  <div key={register.name}>
                    <dt>{register.name}</dt>
                    <dd>{register.value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </section>
        )
      })}
    </section>
  )
}

function Instruction({ row, progress }: { readonly row: InstructionRow; readonly progress: Progress }) {
  const app = useApp()
  const step = useAppState((state) => state.frame?.step ?? 0)
  const { text, issued } = row
  // Of an instruction in a loop, each click leads one time further.
  const target = issued.find((each) => each > step) ?? issued[0]
  const leads = target === undefined ? 'This recording does not issue it.' : `Go to step ${target}, which issues it`
  return (
    <li className={progress} aria-current={progress === 'next' ? 'step' : undefined}>
      <button
        type="button"
        title={leads}
        aria-disabled={target === undefined}
        onClick={() => target !== undefined && void app.stepping.seek(target)}
      >
        <span className="sign" aria-hidden="true">
          {SIGN[progress]}
        </span>
        <code>{text}</code>
        <span className="visually-hidden">, {SAID[progress]}</span>
      </button>
    </li>
  )
}
