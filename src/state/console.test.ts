import { expect, test } from 'vitest'
import type { Frame } from '../protocol/frame.ts'
import type { Anchor, CommandOutcome, Intervention } from '../protocol/interventions.ts'
import type { Summary } from '../protocol/messages.ts'
import { commandHere, consoleClosed, outcomeWords, typedCommands } from './console.ts'

const at: Anchor = { kind: 'code', thread: 'main', at: 'line:3', visit: 1, event: 1 }
const command = (text: string): Intervention => ({ kind: 'command', at, text })
const cut: Intervention = { kind: 'power-failure', at }
const outcome = (from: number, to: number, output = '', status = 0): CommandOutcome => ({ from, to, output, status })

const summaryOf = (part: Partial<Summary>): Summary => ({ steps: 100, programStart: 10, ...part }) as Summary
const frameOf = (step: number, event: Partial<Frame['event']> = {}, failedAt?: number): Frame =>
  ({ step, event: { kind: 'store', sentence: '', ...event }, ...(failedAt === undefined ? {} : { failedAt }) }) as Frame

test('commands stand in the order in which they ran, whatever the order of typing; what did not run comes last', () => {
  const interventions = [command('late'), cut, command('never'), command('early')]
  const summary = summaryOf({ commands: { 0: outcome(50, 60), 3: outcome(20, 30) } })
  expect(typedCommands({ interventions, summary }).map(({ index, text }) => [index, text])).toEqual([
    [3, 'early'],
    [0, 'late'],
    [2, 'never'],
  ])
})

test('what is typed at the end of a command belongs to the place of that command', () => {
  const interventions = [cut, command('first')]
  const known = { interventions, summary: summaryOf({ commands: { 1: outcome(20, 30) } }) }
  expect(commandHere({ ...known, frame: frameOf(30) })).toBe(interventions[1])
  expect(commandHere({ ...known, frame: frameOf(31) })).toBeUndefined()
})

test('nothing can be typed before the program, in a litmus test, while the machine boots, after a run that was cut off', () => {
  const summary = summaryOf({})
  const why = (frame: Frame, given = summary): string => consoleClosed({ frame, summary: given }) ?? 'open'
  expect(consoleClosed({ frame: undefined, summary })).toBe('Nothing has been recorded yet.')
  expect(why(frameOf(9))).toContain('press Home')
  expect(why(frameOf(10))).toBe('open')
  expect(why(frameOf(99))).toBe('open')
  expect(why(frameOf(40, { thread: 'kernel' }, 30))).toContain('boots again')
  expect(why(frameOf(40, { thread: 'recover' }, 30))).toBe('open')
  expect(why(frameOf(99), summaryOf({ problem: { message: '', line: 1 } }))).toContain('cut off')
  expect(why(frameOf(20), summaryOf({ litmus: {} as never }))).toContain('litmus test')
})

test('a screen reader hears how a command ended and what it printed, within reason', () => {
  expect(outcomeWords(outcome(1, 2, 'a\n'))).toBe('Command done. a')
  expect(outcomeWords(outcome(1, 2, '', 127))).toBe('Command failed with status 127. It printed nothing.')
  expect(outcomeWords({ from: 1, to: 2, output: 'x'.repeat(1000) })).toMatch(
    /^Command did not come to its end. x{400} …$/,
  )
  expect(outcomeWords(undefined)).toContain('did not run')
})
