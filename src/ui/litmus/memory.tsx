/** The locations of the test: what a load sees, what is on media, and what a power failure here would leave. */

import type { LitmusView } from '../../protocol/litmus.ts'
import { shownLine } from '../../state/details.ts'
import { useApp, useAppState } from '../app-context.ts'

export function Memory({ test }: { readonly test: LitmusView }) {
  const app = useApp()
  const frame = useAppState((state) => state.frame)
  const shown = useAppState(shownLine)
  if (frame?.litmus === undefined) return null
  const failed = frame.failedAt !== undefined
  return (
    <table className="litmus-memory">
      <caption className="visually-hidden">Memory of the test</caption>
      <thead>
        <tr>
          <th scope="col">memory</th>
          <th scope="col">visible</th>
          <th scope="col">on media</th>
          <th scope="col">{failed ? 'survived' : 'if power fails'}</th>
        </tr>
      </thead>
      <tbody>
        {frame.litmus.memory.map(({ name, visible, media, survives }) => {
          const spa = test.locations.find((each) => each.name === name)?.spa ?? 0
          const line = spa - (spa % 64)
          const differs = survives !== visible
          return (
            <tr key={name} className={line === shown ? 'shown' : undefined}>
              <th scope="row">
                <button
                  type="button"
                  className="link mono"
                  title={`Select the line of ${name}`}
                  onClick={() => app.details.selectLine(line, spa % 64)}
                >
                  {name}
                </button>
              </th>
              <td>{failed ? <span title="gone with the power">–</span> : visible}</td>
              <td>{media}</td>
              <td className={differs ? 'differs' : undefined}>
                {differs && (
                  <span
                    className="sign"
                    title={failed ? 'The newest value was lost' : 'The newest value would be lost'}
                  >
                    ≠{' '}
                  </span>
                )}
                {survives}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
