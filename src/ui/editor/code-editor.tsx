/** The editor: the scenario's text, with the current line, breakpoints and problems on it. */

import { useEffect, useRef } from 'react'
import { useApp } from '../app-context.ts'
import { createEditor } from './create-editor.ts'
import { FileTabs } from './file-tabs.tsx'
import './editor.css'

export default function CodeEditor() {
  const app = useApp()
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (host.current === null) return
    return createEditor(host.current, app)
  }, [app])
  return (
    <div className="editor-panel">
      <FileTabs />
      <div ref={host} className="code-editor" />
    </div>
  )
}
