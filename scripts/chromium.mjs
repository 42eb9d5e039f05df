/** A Chromium for the end-to-end tests: the system's, else Debian's where apt may install it, else Playwright's. */

import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { fail, run, tool } from './run.mjs'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Path of a Chromium that is there, `PMEMSCOPE_CHROMIUM` first. */
export function findChromium() {
  const named = process.env['PMEMSCOPE_CHROMIUM']
  if (named) return named
  return [...PLACES, chromium.executablePath()].find((path) => existsSync(path))
}

export function ensureChromium() {
  const found = findChromium()
  if (found !== undefined) return found
  console.log('No Chromium found, installing one …')
  const mayUseApt = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (mayUseApt && run('apt-get', ['update', '-qq']) === 0) {
    const packages = ['chromium', 'fonts-dejavu-core']
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      DEBIAN_FRONTEND: 'noninteractive',
    })
  }
  if (findChromium() === undefined) tool('@playwright/test/cli.js', ['install', 'chromium'])
  return findChromium() ?? fail('No Chromium: install one, or name one with PMEMSCOPE_CHROMIUM=/path.')
}
