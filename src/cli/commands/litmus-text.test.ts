/** A litmus test is a scenario for the commands that take one. */

import { expect, test } from 'vitest'
import { err, ok } from '../../base/result.ts'
import { dispatch } from '../dispatch.ts'
import { engine } from '../engine.ts'

const TEXT = `name: flush
thread 0: store x 1; clwb x; sfence; store y 1
crash: exists x=0 y=1
verdict: forbidden
`

async function pmemscope(line: string, text = TEXT) {
  let out = ''
  let said = ''
  const terminal = {
    read: async (path: string) => (path === 't.litmus' ? ok(new TextEncoder().encode(text)) : err('no such file')),
    write: async () => undefined,
    out: (more: string) => {
      out += more
    },
    err: (more: string) => {
      said += more
    },
  }
  const status = await dispatch(line.split(' '), '', { terminal, engine })
  return { status, out, said }
}

test('run records it on the machine, and tells what a power failure loses by the names of its locations', async () => {
  const { status, out } = await pmemscope('run t.litmus --json --crash-at end')
  expect(status).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    exit: { P0: 0 },
    counts: { store: 2, clwb: 1, sfence: 1 },
    countsByFunction: { P0: { store: 2 } },
    crash: { lost: [{ file: 'y', offset: 0 }] },
  })
})

test('keys of the machine can be set from outside', async () => {
  const { out } = await pmemscope('run t.litmus --json --crash-at end --set machine.policy=eager --kernel v4.13')
  expect(JSON.parse(out)).toMatchObject({ release: 'v4.13', crash: { lostBytes: 8 } })
})

test('mistakes in it have their places', async () => {
  const { status, said } = await pmemscope('run t.litmus', TEXT.replace('clwb', 'clwbb'))
  expect([status, said]).toEqual([2, expect.stringContaining('t.litmus:2:22: error:')])
})

test('share and open bring it back byte for byte', async () => {
  const { out } = await pmemscope('share t.litmus')
  expect(await pmemscope(`open ${out.trim()}`)).toMatchObject({ status: 0, out: TEXT })
})

test('it has no front matter to change in a link', async () => {
  const { status, said } = await pmemscope('share t.litmus --set title=x')
  expect([status, said]).toEqual([2, expect.stringContaining('no front matter')])
})
