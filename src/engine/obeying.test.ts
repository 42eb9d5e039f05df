import { describe, expect, test } from 'vitest'
import type { Anchor, Intervention } from '../protocol/interventions.ts'
import { parseScenario } from '../scenario/parse.ts'
import { Debugger } from './debug/debugger.ts'
import type { Recording } from './inspect/recording.ts'
import { summary } from './inspect/summary.ts'
import { prepareAny } from './prepare.ts'
import { record } from './record.ts'
import { Pasts } from './userspace/past/pasts.ts'

const program = (front = '') => `---
title: two stores
${front}setup: |
  ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem
---
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <immintrin.h>
int main(void) {
  int fd = open("/dev/dax0.0", O_RDWR);
  volatile uint64_t *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  p[0] = 1;
  p[8] = 2;
  _mm_clwb((void *)p);
  _mm_sfence();
  printf("done\\n");
  return 0;
}
int recover(void) { return 0; }
`

function recorded(text: string, interventions: readonly Intervention[] = [], keeper?: Pasts): Recording {
  const parsed = parseScenario(text)
  if (!parsed.ok) throw new Error(parsed.error[0]?.message)
  const recording = record(parsed.value, text, {
    interventions,
    prepare: prepareAny,
    ...(keeper === undefined ? {} : { keeper }),
  })
  if (!recording.ok) throw new Error(recording.error[0]?.message)
  return recording.value
}

/** The n-th step of a kind within the program. */
function stepOf(recording: Recording, kind: string, nth = 1): number {
  const { trace, programStart } = recording.machine
  let count = 0
  for (let step = programStart; step < trace.length; step++)
    if (trace.kindOf(step) === kind && ++count === nth) return step
  throw new Error(`no ${kind}`)
}

const command = (at: Anchor, text: string): Intervention => ({ kind: 'command', at, text })
const outcomeOf = (recording: Recording, index = 0) => summary(recording).commands?.[index]

describe('a command that a person types', () => {
  const text = program()
  const plain = recorded(text)
  const at = plain.anchorOf(stepOf(plain, 'store'))

  test('runs right after its step, prints, and the program goes on to the same end', () => {
    const recording = recorded(text, [command(at, 'cat /sys/bus/nd/devices/region0/size | wc -l; echo ok')])
    const { from, to, output, status } = outcomeOf(recording) ?? {}
    expect([from, output, status]).toEqual([(recording.stepOf(at) as number) + 1, '1\nok\n', 0])
    expect(summary(recording)).toMatchObject({ unresolved: [], taken: { 0: to } })
    expect(recording.machine.exits.get(plain.machine.threads.findIndex(({ name }) => name === 'main'))).toBe(0)
    expect(recording.texts('output', recording.steps).at(-1)?.text).toBe('done\n')
  })

  test('is recorded the same every time', () => {
    const made = [
      command(at, 'ls -R /sys | wc -l'),
      command(plain.anchorOf(stepOf(plain, 'sfence')), 'dmesg | tail -2'),
    ]
    expect(recorded(text, made).hash()).toBe(recorded(text, made).hash())
    expect(recorded(text, made).hash()).not.toBe(plain.hash())
  })

  test('shares variables, folder and status with those before it', () => {
    const first = recorded(text, [command(at, 'cd /sys/bus; x=7; false')])
    const then = first.anchorOf(outcomeOf(first)?.to ?? -1)
    const both = recorded(text, [command(at, 'cd /sys/bus; x=7; false'), command(then, 'echo $? $x $PWD')])
    expect(outcomeOf(both, 1)).toMatchObject({ output: '1 7 /sys/bus\n', status: 0 })
  })

  test('leaves the threads of the program as they were: the debugger looks into them before, in and after it', () => {
    const pasts = new Pasts()
    const recording = recorded(text, [command(at, 'ls /sys')], pasts)
    const looker = new Debugger(recording, pasts)
    const fdAt = (step: number): string | undefined => {
      const work = looker.answer({
        ask: 'evaluate',
        step,
        tick: 0,
        thread: 2,
        frame: 0,
        text: 'fd + 1',
        path: [],
        from: 0,
      })
      let next = work.next()
      while (next.done !== true) next = work.next()
      return JSON.stringify(next.value)
    }
    const { from = 0, to = 0 } = outcomeOf(recording) ?? {}
    const values = [from - 1, from + 3, to, to + 1].map(fdAt)
    expect(values).toEqual(values.map(() => expect.stringContaining('"4"')))
  })

  test('typed at the same place as another runs after it', () => {
    const both = recorded(text, [command(at, 'x=1; echo a'), command(at, 'echo b$x')])
    expect([outcomeOf(both, 0)?.output, outcomeOf(both, 1)?.output]).toEqual(['a\n', 'b1\n'])
    expect(outcomeOf(both, 1)?.from).toBe((outcomeOf(both, 0)?.to ?? 0) + 1)
  })

  test('waits until no thread is inside the kernel', () => {
    const { trace } = plain.machine
    const inside = stepOf(plain, 'call', 4)
    expect(trace.functionOf(trace.frame.get(inside)).kind).toBe('kernel')
    const recording = recorded(text, [command(plain.anchorOf(inside), 'true')])
    const { from = 0 } = outcomeOf(recording) ?? {}
    expect(from).toBeGreaterThan(inside + 1)
    const before = recording.machine.trace
    expect(before.kindOf(from - 1)).toBe('return')
    expect(before.functionOf(before.frame.get(from - 1)).kind).toBe('kernel')
  })

  test('switches the thread out where the machine has one core, and does not where another is free', () => {
    const drained = (front: string): boolean => {
      const source = program(front)
      const alone = recorded(source)
      const place = alone.anchorOf(stepOf(alone, 'store'))
      const recording = recorded(source, [command(place, 'true')])
      const { from = 0, to = 0 } = outcomeOf(recording) ?? {}
      return Array.from({ length: to - from }, (_, i) => recording.machine.trace.kindOf(from + i)).includes('drain')
    }
    expect(drained('')).toBe(true)
    expect(drained('machine: { cores: 2 }\n')).toBe(false)
  })

  test('can act at the very end, and after a power failure; one that never came to its turn is unresolved', () => {
    const end = plain.anchorOf(plain.steps - 1)
    expect(outcomeOf(recorded(text, [command(end, 'echo end')]))?.output).toBe('end\n')
    const cut: Intervention = { kind: 'power-failure', at }
    const failed = recorded(text, [cut])
    const last = failed.anchorOf(failed.steps - 1)
    expect(outcomeOf(recorded(text, [cut, command(last, 'ls /dev')]), 1)?.output).toBe(
      'dax0.0\nmapper\nndctl0\nnmem0\nnull\nzero\n',
    )
    const late = command(plain.anchorOf(stepOf(plain, 'sfence')), 'echo never')
    expect(summary(recorded(text, [cut, late]))).toMatchObject({ unresolved: [1] })
  })

  test('may change what the kernel does: dmesg tells with kernel time', () => {
    const recording = recorded(text, [
      command(at, 'echo region0 > /sys/bus/nd/drivers/nd_region/unbind; echo $?; dmesg'),
    ])
    expect(outcomeOf(recording)?.output).toMatch(/^0\n/)
    const log = recorded(text, [command(at, 'sleep 1.5; dmesg -t | wc -l')])
    expect(Number(outcomeOf(log)?.output)).toBe(log.texts('log', log.steps).length)
  })

  test('that is no script says so, that has no end is cut off with the run', () => {
    expect(outcomeOf(recorded(text, [command(at, 'echo $(')]))).toMatchObject({
      output: 'bash: missing closing )\n',
      status: 2,
    })
    const endless = recorded(program('budget: { steps: 20000 }\n'), [command(at, 'while :; do :; done')])
    expect(endless.machine.problem?.budget).toBe(true)
    expect(outcomeOf(endless)?.status).toBeUndefined()
  })
})

describe('a setup', () => {
  const text = (setup: string): string => `---\ntitle: x\nsetup: |\n  ${setup}\n---\nint main(void) { return 0; }\n`

  test('with a mistake is refused, with line and column of the scenario', () => {
    const source = text('echo a\n  echo b | | cat')
    const parsed = parseScenario(source)
    const result = parsed.ok ? record(parsed.value, source, { prepare: prepareAny }) : parsed
    expect(result).toMatchObject({ ok: false, error: [{ line: 5, column: 12, length: 1 }] })
  })

  test('prints what it prints before the program, and fails with its line', () => {
    const fine = recorded(text('for d in nmem0 region0; do cat /sys/bus/nd/devices/$d/devtype; done'))
    expect(fine.texts('output', fine.steps).map((each) => each.text)).toEqual(['nvdimm\n', 'nd_pmem\n'])
    expect(recorded(text('true\n  grep z /dev/null')).machine.problem).toMatchObject({
      line: 5,
      message: 'grep: exit status 1',
    })
  })
})
