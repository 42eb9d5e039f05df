/** What the program has printed so far. */

import { useAppState } from '../app-context.ts'

export function OutputTab() {
  const output = useAppState((state) => state.frame?.output ?? '')
  return output === '' ? (
    <p className="empty">The program has not printed anything yet.</p>
  ) : (
    <pre className="output-text">{output}</pre>
  )
}
