import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { opcodeLiterals } from './scripts/opcode-literals.mjs'

/** What the page may load: itself only. React writes style attributes, hence 'unsafe-inline' for styles. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * The content security policy of the built page. It stands first in the head, because it binds only what follows.
 * The development server goes without: its reload code is an inline script.
 */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
}

/**
 * The names of the kernel's functions are data: call stack, dmesg and hash show them. Keeping every name costs the
 * worker 4 kB gzip; so the names of modelled functions are written down where they are declared, and shortened after.
 */
const modelledNames = (): Plugin => ({
  name: 'modelled-names',
  transform: (code, id) =>
    id.includes('/src/engine/')
      ? code.replace(/\bkfunc\(([^,()]+),\s*function\s*\*\s*(\w+)/g, "kfunc($1 + '#$2', function* $2")
      : undefined,
})

/** Writes which chunks a worker needs at once and which later; Vite's own manifest leaves workers out. */
const workerManifest = (): Plugin => ({
  name: 'worker-manifest',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).flatMap((file) =>
      file.type === 'chunk'
        ? [{ name: file.name, file: file.fileName, isEntry: file.isEntry, imports: file.imports }]
        : [],
    )
    const entry = chunks.find((chunk) => chunk.isEntry)
    if (entry === undefined) return
    const fileName = `.vite/worker-${entry.name}.json`
    this.emitFile({ type: 'asset', fileName, source: JSON.stringify(chunks, null, 2) })
  },
})

export default defineConfig({
  base: './',
  plugins: [react(), contentSecurityPolicy],
  worker: {
    format: 'es',
    plugins: () => [opcodeLiterals(), modelledNames(), workerManifest()],
    rolldownOptions: {
      // Its modules only define things, but the package does not say so: only the parts that are used are kept.
      treeshake: { moduleSideEffects: [{ test: /\/node_modules\/yaml\//, sideEffects: false }] },
    },
  },
  build: { outDir: 'dist/page', target: 'es2022', manifest: true },
})
