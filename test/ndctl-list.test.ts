/**
 * What `ndctl list` printed on real machines (ndctl 76.1, Linux 6.1.192), and what it prints here, to the byte.
 *
 * Printed: a score for each combination of options.
 */

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { cmd_list } from '../src/engine/userspace/shell/ndctl/list.ts'
import { bootCapture, captures } from './captures.ts'
import { run } from './flat-machine.ts'

/** Two ranges overlap, and upstream probes them in parallel: which of the two gets a disk is a race. */
const RACES: readonly string[] = ['custom-fit-m/m07-overlap-spa']

const fixture = new URL('./fixtures/groundtruth/ndctl-list.json.gz', import.meta.url)
const printed = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Record<string, Record<string, string>>

const score = new Map<string, { equal: number; all: number }>()

afterAll(() => {
  for (const [options, { equal, all }] of score) console.log(`ndctl list ${options.padEnd(12)} ${equal}/${all}`)
})

describe('ndctl list prints what it printed on', () => {
  test.each(captures.filter(([name]) => printed[name] !== undefined && !RACES.includes(name)))(
    '%s',
    (name, capture) => {
      const { k } = bootCapture(capture)
      const differences: string[] = []
      for (const [options, should] of Object.entries(printed[name] ?? {})) {
        const { output } = run(cmd_list(k, options.split(' ')))
        const own = score.get(options) ?? { equal: 0, all: 0 }
        const equal = output === should
        score.set(options, { equal: own.equal + (equal ? 1 : 0), all: own.all + 1 })
        if (!equal) differences.push(`${options}\n${output}\ninstead of\n${should}`)
      }
      expect(differences).toEqual([])
    },
  )
})
