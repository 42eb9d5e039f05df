import { expect, test } from 'vitest'
import type { Request, Summary } from '../protocol/messages.ts'
import { EngineError, type Progress } from './engine-client.ts'
import { Mailbox } from './mailbox.ts'

const summary = { title: 'a recording' } as Summary

function open() {
  const sent: Request[] = []
  const mailbox = new Mailbox((request) => sent.push(request))
  const ids = (kind: 'load' | 'ask'): number[] => sent.flatMap((one) => (one.kind === kind ? [one.id] : []))
  return { mailbox, sent, ids }
}

test('answers find their questions whatever order they come in', async () => {
  const { mailbox, ids } = open()
  const first = mailbox.ask<'target'>({
    ask: 'target',
    from: 1,
    verb: 'over',
    direction: 'forward',
    breakpoints: [],
  })
  const second = mailbox.ask<'resolve'>({
    ask: 'resolve',
    anchor: { kind: 'hardware', transition: 'evict', line: 64, nth: 1 },
  })
  const [a = 0, b = 0] = ids('ask')
  mailbox.receive({ kind: 'answer', id: b, answer: 7 })
  mailbox.receive({ kind: 'answer', id: a, answer: null })
  expect(await second).toBe(7)
  expect(await first).toBeNull()
})

test('every report of progress is paid back with one credit', () => {
  const { mailbox, sent, ids } = open()
  const seen: Progress[] = []
  void mailbox.load('text', [], (progress) => seen.push(progress))
  const [id = 0] = ids('load')
  mailbox.receive({ kind: 'progress', id, steps: 10, ticks: 2 })
  mailbox.receive({ kind: 'progress', id, steps: 20, ticks: 4 })
  expect(seen.map(({ steps }) => steps)).toEqual([10, 20])
  expect(sent.filter(({ kind }) => kind === 'credit')).toHaveLength(2)
})

test('a newer load cancels the older one, and late words about the older one change nothing', async () => {
  const { mailbox, ids } = open()
  const older = mailbox.load('a', [], () => {})
  const newer = mailbox.load('b', [], () => {})
  const [first = 0, second = 0] = ids('load')
  mailbox.receive({ kind: 'recorded', id: first, summary })
  mailbox.receive({ kind: 'cancelled', id: first })
  expect(await older).toEqual({ kind: 'cancelled' })
  expect(mailbox.isLoading).toBe(true)
  mailbox.receive({ kind: 'recorded', id: second, summary })
  expect(await newer).toEqual({ kind: 'recorded', summary })
})

test('when the engine is gone every question fails and the load ends', async () => {
  const { mailbox } = open()
  const load = mailbox.load('a', [], () => {})
  const asked = mailbox.ask<'loss'>({ ask: 'loss', step: 1 })
  mailbox.abandon({ kind: 'failed', message: 'out of memory' }, 'out of memory')
  expect(await load).toEqual({ kind: 'failed', message: 'out of memory' })
  await expect(asked).rejects.toThrow(EngineError)
})
