/** The files of the program, when it has several: each leads to where it stands in the text. */

import { useMemo } from 'react'
import { sectionsOf } from '../../lang/c/sections.ts'
import { useApp, useAppState } from '../app-context.ts'

export function FileTabs() {
  const app = useApp()
  const text = useAppState((state) => state.text)
  const line = useAppState(({ editorLine, frame }) => editorLine ?? frame?.sourceLine ?? 1)
  const sections = useMemo(() => sectionsOf(text), [text])
  if (sections.length === 0) return null
  const files = [{ name: 'program', line: 0, offset: 0 }, ...sections]
  const current = files.findLast((file) => file.line <= line)
  return (
    <nav className="file-tabs" aria-label="Files of the program">
      {files.map((file) => (
        <button
          type="button"
          key={file.offset}
          {...(file === current ? { 'aria-current': 'true' as const } : {})}
          onClick={() => app.showLine(file.line + 1)}
        >
          {file.name}
        </button>
      ))}
      <button
        type="button"
        aria-label="Add a file"
        title="Add a file"
        onClick={() => void app.files((files) => files.add())}
      >
        +
      </button>
    </nav>
  )
}
