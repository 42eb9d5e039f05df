import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ensure } from '../../../base/assert.ts'
import { DATA_BASE, STACK_SIZE, STACK_TOP } from '../../../lang/c/program.ts'
import { compiled, execute, MAPPED } from './fake-host.ts'
import { CALLED, DONE, RETRY, type VmHost } from './host.ts'
import { brk, createMemory, hostView } from './memory.ts'
import { createThread, currentLine, deliver } from './thread.ts'
import { run } from './vm.ts'

const headers = '#include <stdio.h>\n#include <sys/mman.h>\n#include <immintrin.h>\n'
/** Accesses to mapped memory by `body`, in which `p` points to it, as `store +8 4`. */
function accesses(prelude: string, type: string, body: string): string[] {
  const text = `${headers}${prelude}\nint main(void) { ${type} *p = mmap(0, 4096, PROT_WRITE, MAP_SHARED, 3, 0); ${body}\nreturn 0; }`
  return execute(text)
    .events.filter((e) => !/^(enter|leave)/.test(e))
    .map((e) => e.replace(/ (1[0-9a-f]{11})\b/, (_, va: string) => ` +${Number.parseInt(va, 16) - MAPPED}`))
}

test('each access of the program is one access of its size', () => {
  expect(accesses('', 'char', 'p[3] = 1; *(short *)(p + 4) = 2; *(int *)(p + 8) = p[3]; ((long *)p)[2] = 5;')).toEqual([
    'store +3 1',
    'store +4 2',
    'load +3 1',
    'store +8 4',
    'store +16 8',
  ])
})

test('an update loads once and stores once', () => {
  expect(accesses('', 'int', 'p[1]++; p[2] += 3; --p[3];')).toEqual([
    'load +4 4',
    'store +4 4',
    'load +8 4',
    'store +8 4',
    'load +12 4',
    'store +12 4',
  ])
})

test('a struct is stored in pieces of 8 bytes, then 4, 2 and 1', () => {
  const rec = 'struct rec { char bytes[15]; };'
  expect(accesses(rec, 'struct rec', 'struct rec r = {{1}}; p[1] = r;')).toEqual([
    'store +15 8',
    'store +23 4',
    'store +27 2',
    'store +29 1',
  ])
})

test('a volatile access is never left out and a plain expression statement still loads', () => {
  expect(accesses('', 'volatile int', '*p; *p = *p;')).toEqual(['load +0 4', 'load +0 4', 'store +0 4'])
})

test('intrinsics reach the host with the address that the program computed', () => {
  const rec = 'struct rec { long value; _Alignas(64) long valid; };'
  expect(
    accesses(rec, 'struct rec', 'p->value = 1; _mm_clwb(&p->value); _mm_sfence(); p->valid = 1; _mm_clwb(&p->valid);'),
  ).toEqual(['store +0 8', '_mm_clwb +0', '_mm_sfence 0', 'store +64 8', '_mm_clwb +64'])
})

test('globals are private while one thread lives, and the host sees every access once data is shared', () => {
  const text = 'int g = 3; int main(void) { int l = g; g = l + 1; return g; }'
  const global = DATA_BASE.toString(16)
  const seen = (sharedData: boolean): string[] =>
    execute(text, { sharedData }).events.filter((e) => /load|store/.test(e))
  expect(seen(false)).toEqual([])
  expect(seen(true)).toEqual([`load ${global} 4`, `store ${global} 4`, `load ${global} 4`])
  expect(execute(text, { sharedData: true }).status).toBe(4)
})

test('the host hears of every call and return, the entry included', () => {
  const text = 'static int f(int n) { return n ? f(n - 1) : 7; } int main(void) { return f(1); }'
  expect(execute(text).events).toEqual(['enter main', 'enter f', 'enter f', 'leave', 'leave', 'leave'])
})

test('how often a run pauses changes nothing', () => {
  const text = `${headers} static long f(int n) { long a[4] = {n}; return n < 2 ? a[0] : f(n - 1) + f(n - 2); }
int main(void) { for (int i = 0; i < 9; i++) printf("%ld ", f(i)); return 3; }`
  const whole = execute(text)
  expect(whole.output).toBe('0 1 1 2 3 5 8 13 21 ')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (slice) => {
      const paused = execute(text, { slice })
      expect(paused.output).toBe(whole.output)
      expect(paused.thread.ticks).toBe(whole.thread.ticks)
      expect(paused.events).toEqual(whole.events)
    }),
    { numRuns: 20 },
  )
})

test('what the machine cannot do is a trap that says why', () => {
  const trap = (text: string) => execute(text).end
  expect(trap('int z; int main(void) { return 1 / z; }')).toEqual({ trap: 'division by zero' })
  expect(trap('long z; int main(void) { return 1 % z; }')).toEqual({ trap: 'division by zero' })
  expect(trap('static int f(int n) { return f(n + 1) + 1; } int main(void) { return f(0); }')).toEqual({
    trap: 'stack overflow in f()',
  })
  expect(trap('int main(void) { int (*f)(void) = (int (*)(void))12345; return f(); }')).toEqual({
    trap: 'call through a pointer that points to no function',
  })
  const wrong = 'static int g(int a) { return a; } int main(void) { return ((int (*)(void))g)(); }'
  expect(trap(wrong)).toEqual({ trap: 'call of g() with 0 arguments instead of 1' })
})

test('an access outside all memory goes to the host, which faults', () => {
  expect(execute('int main(void) { int *p = 0; return *p; }').output).toBe('SIGSEGV at 0')
  expect(execute('int a[4]; int main(void) { return a[100000000]; }').status).toBe(139)
  expect(execute(`${headers}int main(void) { return *(int *)main; }`).status).toBe(139)
})

test('a failed assertion names its line and stops the program', () => {
  const { output, status } = execute('#include <assert.h>\nint main(void) {\n  int x = 1;\n  assert(x == 2);\n}')
  expect(output).toBe('assertion failed in line 4')
  expect(status).toBe(134)
})

/** A thread whose natives and accesses are answered by `answer`, in turn. */
function stepped(text: string, answers: (typeof DONE | typeof RETRY | typeof CALLED)[]) {
  const program = compiled(text)
  const memory = createMemory(program)
  const thread = createThread(program, 0, ensure(program.functions.at(-1), 'a function'))
  const asked: string[] = []
  const next = (what: string): typeof DONE | typeof RETRY => {
    asked.push(`${what} in line ${currentLine(program, thread)}`)
    return answers.shift() === RETRY ? RETRY : DONE
  }
  const host: VmHost = {
    lo: 11,
    hi: 0,
    sharedData: true,
    load: () => next('load'),
    store: () => next('store'),
    enter: () => next('enter'),
    leave: () => next('leave'),
    native(index) {
      asked.push(`${program.natives[index]} in line ${currentLine(program, thread)}`)
      return answers.shift() ?? DONE
    },
  }
  return { thread, asked, go: () => run(program, memory, thread, host, 1000) }
}

test('an instruction that the host cannot do yet runs again', () => {
  const { thread, asked, go } = stepped('int g;\nint f(void) {\n  g = 1;\n  return g; }', [
    RETRY,
    DONE,
    RETRY,
    DONE,
    RETRY,
  ])
  expect([go(), go(), go(), go()]).toEqual(['stopped', 'stopped', 'stopped', 'returned'])
  expect(asked).toEqual([
    'enter in line 3',
    'enter in line 3',
    'store in line 3',
    'store in line 3',
    'load in line 4',
    'load in line 4',
    'leave in line 4',
  ])
  expect(thread.words[0]).toBe(11)
})

test('a native that became a call is not repeated, and its result arrives later', () => {
  const text = '#include <fcntl.h>\nint f(void) { int fd = open("x", 0);\n return fd + 1; }'
  const { thread, asked, go } = stepped(text, [DONE, CALLED])
  expect(go()).toBe('stopped')
  deliver(thread, 41, 0)
  expect(go()).toBe('returned')
  expect(thread.words[0]).toBe(42)
  expect(asked).toEqual(['enter in line 2', 'open in line 2', 'leave in line 3'])
})

test('stacks lie where the process map says, and library code can look into each of them', () => {
  const program = compiled('int main(void) { int x[4] = {1, 2, 3, 0x04050607}; int *p = x; return p[3]; }')
  const threads = [0, 1].map((i) => createThread(program, i, ensure(program.functions[0], 'main')))
  const memory = createMemory(program)
  const view = (va: number, length: number) => hostView(memory, threads, va, length)
  ensure(view(STACK_TOP - 8, 8), 'the first stack')[0] = 9
  expect(threads[0]?.stack.at(-8)).toBe(9)
  expect(view(STACK_TOP - STACK_SIZE, 8)).toHaveLength(8)
  expect(view(STACK_TOP - 4, 8)).toBeUndefined()
  expect(view(STACK_TOP - 0x0100_0000 - 8, 8)).toHaveLength(8)
  expect(view(STACK_TOP - STACK_SIZE - 8, 8)).toBeUndefined()
  expect(view(DATA_BASE - 1, 1)).toBeUndefined()
})

test('the heap grows and shrinks behind the data, and comes back empty', () => {
  const memory = createMemory(compiled('char text[] = "abc"; int main(void) { return 0; }'))
  const heap = DATA_BASE + memory.size
  expect(hostView(memory, [], DATA_BASE, 4)).toEqual(Uint8Array.from([97, 98, 99, 0]))
  expect(hostView(memory, [], heap, 1)).toBeUndefined()
  expect(brk(memory, heap + 100)).toBe(true)
  ensure(hostView(memory, [], heap + 99, 1), 'the heap')[0] = 5
  expect(brk(memory, heap)).toBe(true)
  expect(brk(memory, heap + 100)).toBe(true)
  expect(hostView(memory, [], heap + 99, 1)?.[0]).toBe(0)
  expect(brk(memory, 0x5000_0000)).toBe(false)
})
