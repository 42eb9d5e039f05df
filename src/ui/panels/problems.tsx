/** What is wrong with the text, each with its place. */

import { useApp, useAppState } from '../app-context.ts'

export function Problems() {
  const app = useApp()
  const diagnostics = useAppState((state) => state.diagnostics)
  const problem = useAppState((state) => state.summary?.problem)
  const warnings = useAppState((state) => state.summary?.warnings)
  if (diagnostics.length === 0 && problem !== undefined) {
    return (
      <section className="problems" aria-label="Problems">
        <h3>The program was stopped</h3>
        <ul>
          <li>
            {problem.line > 0 && <LineLink line={problem.line} onGo={() => app.showLine(problem.line)} />}
            <span>{problem.message}</span>
          </li>
        </ul>
      </section>
    )
  }
  const shown = diagnostics.length > 0 ? diagnostics : warnings
  if (shown === undefined) return null
  const [what, but] = shown === diagnostics ? ['problem', '; the picture shows the last good text'] : ['warning', '']
  return (
    <section className={shown === diagnostics ? 'problems' : 'problems strange'} aria-label="Problems">
      <h3>
        {shown.length} {what}
        {shown.length === 1 ? '' : 's'}
        {but}
      </h3>
      <ul>
        {shown.map((one) => (
          <li key={`${one.line} ${one.column} ${one.message}`}>
            <button type="button" className="link" onClick={() => app.showLine(one.line)}>
              {one.line}:{one.column}
            </button>
            <span>
              {one.message} {one.hint !== undefined && <span className="hint">({one.hint})</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function LineLink({ line, onGo }: { readonly line: number; readonly onGo: () => void }) {
  return (
    <button type="button" className="link" onClick={onGo}>
      line {line}
    </button>
  )
}
