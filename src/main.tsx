/** Puts the page together: the engine in its worker, the state, the screen. */

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { WorkerClient } from './client/worker-client.ts'
import defaultScenario from './scenarios/flag-before-record.pmem?raw'
import { decode, encode, lengthWarning } from './share/link.ts'
import { createApp, type GalleryEntry } from './state/app.ts'
import type { Environment } from './state/environment.ts'
import { AppProvider } from './ui/app-context.ts'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { Shell } from './ui/shell.tsx'
import './ui/styles/tokens.css'
import './ui/styles/base.css'
import './ui/styles/shell.css'
import './ui/styles/program.css'
import './ui/styles/board.css'
import './ui/styles/handles.css'
import './ui/styles/inspector.css'
import './ui/styles/footer.css'
import './ui/styles/dialogs.css'
import { acceptDrops } from './ui/files.ts'
import { applyTheme } from './ui/theme.ts'

declare global {
  interface Window {
    /**
     * For tests: `idle` resolves when no recording, question or animation is under way; `hash` is that of the
     * recording on the screen.
     */
    pmemscope: { idle(): Promise<void>; hash(): string | undefined }
  }
}

const DRAFT = 'pmemscope draft'

// A browser may forbid storage altogether; what is kept then lasts as long as the page.
function readFrom(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key)
  } catch {
    return null
  }
}

function writeTo(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    return
  }
}

const disk = () => import('./ui/disk.ts')

const environment: Environment = {
  connect: (onRestart) => new WorkerClient(onRestart),
  explorer: async () => (await import('./client/worker-explorer.ts')).workerExplorer,
  language: async () => (await import('./client/worker-language.ts')).workerLanguage(),
  pickFiles: async () => (await disk()).pickFiles(),
  saveFile: async (name, text) => (await disk()).saveFile(name, text),
  share: { encode, decode, lengthWarning },
  address: {
    fragment: () => location.hash,
    setFragment(fragment) {
      if (location.hash === fragment) return
      history.replaceState(null, '', fragment === '' ? location.pathname + location.search : fragment)
    },
    page: () => location.href.replace(/#.*$/, ''),
  },
  copy: (text) =>
    navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    ),
  storage: {
    read: (key) => readFrom(() => localStorage, key),
    write: (key, value) => writeTo(() => localStorage, key, value),
  },
  draft: {
    read: () => readFrom(() => sessionStorage, DRAFT),
    write: (text) => writeTo(() => sessionStorage, DRAFT, text),
  },
  later(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

const titleOf = (path: string): string => {
  const name = path
    .replace(/^.*\/|\.\w+$/g, '')
    .replaceAll('-', ' ')
    .replace(/^0?(\d+) /, 'Patch $1: ')
    .replace(/^b0?(\d+) /, 'Bug B-$1: ')
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const entries = (kind: GalleryEntry['kind'], files: Readonly<Record<string, () => Promise<string>>>) =>
  Object.entries(files).map(([path, text]): GalleryEntry => ({ kind, name: path, title: titleOf(path), text }))

const gallery: readonly GalleryEntry[] = [
  ...entries('scenario', import.meta.glob<string>('./scenarios/*.pmem', { query: '?raw', import: 'default' })),
  ...entries('scenario', import.meta.glob<string>('./scenarios/series/*.pmem', { query: '?raw', import: 'default' })),
  ...entries('scenario', import.meta.glob<string>('./scenarios/history/*.pmem', { query: '?raw', import: 'default' })),
  ...entries('litmus', import.meta.glob<string>('./scenarios/litmus/*.litmus', { query: '?raw', import: 'default' })),
]

const app = createApp(environment, defaultScenario, gallery)
applyTheme(app)
acceptDrops(app)
window.pmemscope = {
  async idle() {
    // Effects of the last change begin after the next picture.
    do {
      await app.pending.idle()
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)))
    } while (app.pending.isBusy)
  },
  hash: () => app.store.getState().summary?.hash,
}

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has an element #root')
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary scenario={() => app.store.getState().text}>
      <AppProvider value={app}>
        <Shell />
      </AppProvider>
    </ErrorBoundary>
  </StrictMode>,
)

void app.start()
addEventListener('hashchange', () => void app.sharing.open())
