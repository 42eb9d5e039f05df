/** What is wrong with the text, each with its place. */

import { useApp, useAppState } from '../app-context.ts'

export function Problems() {
  const app = useApp()
  const diagnostics = useAppState((state) => state.diagnostics)
  const problem = useAppState((state) => state.summary?.problem)
  if (diagnostics.length === 0 && problem === undefined) return null
  if (diagnostics.length === 0 && problem !== undefined) {
    return (
      <section className="problems" aria-label="Problems">
        <h3>The program was cut off</h3>
        <ul>
          <li>
            {problem.line > 0 && <LineLink line={problem.line} onGo={() => app.showLine(problem.line)} />}
            <span>{problem.message}</span>
          </li>
        </ul>
      </section>
    )
  }
  return (
    <section className="problems" aria-label="Problems">
      <h3>
        {diagnostics.length} problem{diagnostics.length === 1 ? '' : 's'}; the picture shows the last good text
      </h3>
      <ul>
        {diagnostics.map((one) => (
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
