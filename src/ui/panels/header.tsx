/** Brand, scenario, platform, and what concerns the whole page. */

import { commandById } from '../../state/commands.ts'
import { useApp, useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'

const PLATFORM = { none: 'media only', adr: 'ADR', eadr: 'eADR' } as const
const SHELVES = [
  ['scenario', 'Scenarios'],
  ['litmus', 'Litmus tests'],
] as const
/** No entry of the gallery is named so. */
const FILE = 'a file'
const THEME = { system: '◐', light: '☀', dark: '☾' } as const

export function Header() {
  const summary = useAppState((state) => state.summary)
  const theme = useAppState((state) => state.settings.theme)
  return (
    <header className="header">
      <h1 className="brand">
        <svg width="18" height="18" viewBox="0 0 16 16" aria-hidden="true">
          <rect x="1" y="1" width="14" height="14" rx="3" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <rect x="3.4" y="3.4" width="4.6" height="9.2" rx="1" fill="currentColor" />
        </svg>
        pmemscope
      </h1>
      <div className="chips">
        <Gallery />
        {summary !== undefined && (
          <>
            <CommandButton id="releases" look="chip" showKey={false}>
              kernel <b>{summary.release}</b>
            </CommandButton>
            <span className="chip keep">
              platform <b>{PLATFORM[summary.domain]}</b>
            </span>
            <CommandButton id="storage" look="chip shrink" showKey={false}>
              storage <b>{summary.storage}</b>
            </CommandButton>
          </>
        )}
      </div>
      <div className="header-actions">
        <CommandButton id="compare" look="quiet" showKey={false}>
          Compare
        </CommandButton>
        <CommandButton id="palette" look="quiet">
          Find
        </CommandButton>
        <CommandButton id="theme" look="quiet" showKey={false}>
          <span aria-hidden="true">{THEME[theme]}</span>
          <span className="visually-hidden">Theme: {theme}</span>
        </CommandButton>
        <CommandButton id="help" look="quiet" showKey={false}>
          <span aria-hidden="true">?</span>
          <span className="visually-hidden">Help</span>
        </CommandButton>
        <CommandButton id="share" look="primary" showKey={false}>
          Share
        </CommandButton>
      </div>
    </header>
  )
}

function Gallery() {
  const app = useApp()
  const title = useAppState(({ summary, opened, textVersion }) =>
    opened?.textVersion === textVersion ? `${opened.title} (${summary?.title})` : summary?.title,
  )
  return (
    <select
      className="gallery"
      aria-label="Scenario"
      value=""
      onChange={(event) => {
        if (event.target.value === FILE) return commandById('open-file').run(app)
        const entry = app.gallery.find(({ name }) => name === event.target.value)
        if (entry !== undefined) void app.openEntry(entry)
      }}
    >
      <option value="" hidden>
        {title ?? 'Scenario'}
      </option>
      {SHELVES.map(([kind, label]) => (
        <optgroup key={kind} label={label}>
          {app.gallery
            .filter((entry) => entry.kind === kind)
            .map((entry) => (
              <option key={entry.name} value={entry.name}>
                {entry.title}
              </option>
            ))}
        </optgroup>
      ))}
      <option value={FILE}>Open a file…</option>
    </select>
  )
}
