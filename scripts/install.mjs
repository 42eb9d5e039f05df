/**
 * Packages: installed when they are missing or when package-lock.json is newer than what is installed.
 *
 * `npm ci` only where nothing is installed: it would delete node_modules under a server or an editor that uses it.
 */

import { existsSync, statSync, utimesSync } from 'node:fs'
import { fail, npm, root } from './run.mjs'

/** npm writes this file at the end of an installation. */
const installed = `${root}node_modules/.package-lock.json`
const wanted = `${root}package-lock.json`

/** Vite stands for the development packages, which `npm ci --omit=dev` leaves out. */
const isCurrent = () =>
  existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync(wanted).mtimeMs &&
  existsSync(`${root}node_modules/vite/package.json`)

export function ensureInstalled() {
  if (isCurrent()) return
  console.log('Installing packages …')
  const status = existsSync(installed) ? npm('install', '--include=dev') : npm('ci', '--include=dev')
  if (status !== 0) fail('npm could not install the packages. Its message is above.')
  const now = new Date()
  utimesSync(installed, now, now)
}
