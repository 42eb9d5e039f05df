/**
 * Builds dist/page (the static page) and dist/cli/pmemscope.js (the command for Node).
 *
 * build.mjs             both
 * build.mjs page | cli  one of them
 * build.mjs --prepare   what npm runs after an installation: the command, so that `npx pmemscope` works. It passes over
 *                       an installation without development packages, which has nothing to build with.
 */

import { chmodSync, existsSync } from 'node:fs'
import { bundleForNode } from './bundle.mjs'
import { root } from './run.mjs'

const asked = process.argv[2] ?? 'all'
if (!['all', 'page', 'cli', '--prepare'].includes(asked)) {
  console.error(`build: "${asked}" is neither page nor cli`)
  process.exit(2)
}

const ENTRY = 'src/cli/main.ts'
const needed = [`${root}node_modules/vite`, `${root}${ENTRY}`]
if (asked === '--prepare' && !needed.every((path) => existsSync(path))) {
  console.log('pmemscope: the development packages are not installed, so the command is not built')
  process.exit(0)
}

async function buildPage() {
  const { build } = await import('vite')
  await build({ root, configFile: `${root}vite.config.ts`, logLevel: 'warn' })
  console.log('built dist/page')
}

/** One file, packages included: it runs from any folder, and without node_modules. */
async function buildCommand() {
  const file = `${root}dist/cli/pmemscope.js`
  await bundleForNode({
    input: ENTRY,
    outDir: 'dist/cli',
    output: { entryFileNames: 'pmemscope.js', codeSplitting: false, banner: '#!/usr/bin/env node' },
  })
  chmodSync(file, 0o755)
  console.log('built dist/cli/pmemscope.js')
}

try {
  if (asked !== 'page') await buildCommand()
  if (asked === 'page' || asked === 'all') await buildPage()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
