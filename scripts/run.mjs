/** Running the tools of this repository as child processes, and failing with a sentence instead of a stack trace. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The checkout, with a closing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs to the end with the terminal's own input and output; the exit status, 1 for a signal or a missing program. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error) console.error(`${command}: ${error.message}`)
  return status ?? 1
}

/** A tool that npm installed, started with this Node. `path` is its script inside node_modules. */
export const tool = (path, args, env) => run(process.execPath, [`node_modules/${path}`, ...args], env)

/** `npm` without its funding and audit notes; on Windows npm is a batch file and needs a shell. */
export function npm(...args) {
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) console.error(`npm: ${error.message}`)
  return status ?? 1
}

export function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}
