/** Bundles TypeScript for Node with all packages inside: the command, and the measurements, built alike. */

import { opcodeLiterals } from './opcode-literals.mjs'
import { root } from './run.mjs'

/** `input`: one file, or names and files. vite is loaded only now: a script may run before anything is installed. */
export async function bundleForNode({ input, outDir, output }) {
  const { build } = await import('vite')
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [opcodeLiterals()],
    ssr: { noExternal: true, target: 'node' },
    build: { ssr: true, outDir, target: 'node20', minify: false, rolldownOptions: { input, output } },
  })
}
