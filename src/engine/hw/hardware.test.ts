import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, execute, type Rig, rig, run } from '../../../test/hardware.ts'
import { instruction, machine, policies, program } from '../../../test/hardware-programs.ts'
import { runs } from '../../../test/runs.ts'
import { loss } from '../inspect/loss.ts'
import { StateAt } from '../inspect/state-at.ts'
import { Cursor } from '../sim/cursor.ts'
import { cutPower, type PowerFail } from './power.ts'

const lines = (r: Rig): number[] => Array.from({ length: r.hw.lines.count }, (_, i) => i + 1)

/** Places that a power failure now takes away, as "x l1". */
function losses(r: Rig, power_fail: PowerFail = 'adr'): string[] {
  const words = r.hw.cells.words
  const { lost } = loss(r.hw, words, { power_fail, adr_fails: new Set() }, lines(r), 0)
  const names = lost.map(({ line, offset, where }) => {
    const at = r.hw.lines.spa(line) + offset - addressOf('a')
    const word = Math.floor((at % 64) / 8)
    return `${String.fromCharCode(97 + Math.floor(at / 64))}${word === 0 ? '' : `.${word}`} ${where}`
  })
  return [...new Set(names)]
}

describe('a store on its way, under the lazy policy', () => {
  test('waits in the store buffer, and is lost there', () => {
    expect(losses(run(rig('lazy'), 'st x 1'))).toEqual(['x store-buffer'])
  })
  test('a fence alone brings it to L1, where it is lost too', () => {
    expect(losses(run(rig('lazy'), 'st x 1; sfence'))).toEqual(['x l1'])
  })
  test('a clwb that no fence follows promises nothing', () => {
    expect(losses(run(rig('lazy'), 'st x 1; clwb x'))).toEqual(['x store-buffer'])
  })
  test('clwb and fence bring it into the persistence domain', () => {
    expect(losses(run(rig('lazy'), 'st x 1; clwb x; sfence'))).toEqual([])
  })
  test('without ADR even the write-pending queue is lost', () => {
    expect(losses(run(rig('lazy'), 'st x 1; clwb x; sfence'), 'none')).toEqual(['x wpq'])
  })
  test('with eADR a dirty line survives, a buffered store does not', () => {
    expect(losses(run(rig('lazy'), 'st x 1; sfence; st y 1'), 'eadr')).toEqual(['y store-buffer'])
  })
  test('movnti goes round the caches and survives once a fence has drained it', () => {
    expect(losses(run(rig('lazy'), 'nt x 1'))).toEqual(['x store-buffer'])
    expect(losses(run(rig('lazy'), 'nt x 1; sfence'))).toEqual([])
  })
  test('a movnti takes the dirty words of its line along', () => {
    expect(losses(run(rig('lazy'), 'st x 1; nt x.1 2; sfence'))).toEqual([])
  })
  test('clflush needs no fence once it has left the store buffer', () => {
    expect(losses(run(rig('eager'), 'st x 1; clflush x'))).toEqual([])
  })
  test('a store leaves the store buffer after 64 further instructions of any core', () => {
    const r = run(rig('lazy'), `st x 1;${'P1: ld y;'.repeat(64)}`)
    expect(losses(r)).toEqual(['x store-buffer'])
    expect(losses(run(r, 'P1: ld y'))).toEqual(['x l1'])
  })
})

describe('caches', () => {
  test('another core reads what one core wrote, and both share the line', () => {
    const r = run(rig('lazy'), 'st x 7; mfence; P1: ld x')
    expect(r.loads).toEqual([7])
    const state = new StateAt(r.hw, r.hw.cells.words)
    const line = r.hw.lines.find(addressOf('x'))
    expect(r.hw.caches.l1.map((cache) => state.inCache(cache, line)?.state)).toEqual([1, 1])
  })
  test('a core sees its own buffered store before anyone else does', () => {
    expect(run(rig('lazy'), 'st x 7; ld x; P1: ld x').loads).toEqual([7, 0])
  })
  test('a dirty line that is replaced in L1 stays dirty in L3', () => {
    // Two ways a set, four sets: a, e, i share a set.
    expect(losses(run(rig('lazy'), 'st a 1; sfence; ld e; ld i'))).toEqual(['a l3'])
  })
  test('a full write-pending queue makes room by writing to media', () => {
    const program = ['a', 'b', 'c', 'd', 'e', 'f'].map((x) => `st ${x} 1; clwb ${x}; sfence`).join(';')
    const r = run(rig('lazy'), program)
    expect(new StateAt(r.hw, r.hw.cells.words).wpq(0)).toHaveLength(4)
    expect(losses(r, 'none').length).toBe(4)
  })
})

describe('after the power comes back', () => {
  test('loads see what media holds, and new stores build on it', () => {
    const r = run(rig('lazy'), 'st x 1; clwb x; sfence; st x 2; st y 3; sfence')
    cutPower(r.hw, { power_fail: 'adr', adr_fails: new Set() })
    run(r, 'ld x; ld y; st y 9; clwb y; sfence; ld y')
    expect(r.loads).toEqual([1, 0, 9])
    expect(losses(r)).toEqual([])
  })
  test('a DIMM whose ADR fails loses its queue', () => {
    const r = run(rig('lazy'), 'st x 1; clwb x; sfence')
    cutPower(r.hw, { power_fail: 'adr', adr_fails: new Set([0]) })
    expect(run(r, 'ld x').loads).toEqual([0])
  })
})

/** What one core alone must read: memory as bytes, and what each instruction does to it. */
class Memory {
  private readonly bytes = new Uint8Array(64 * 27)
  readonly loads: number[] = []

  execute(text: string): void {
    const [name = '', place = 'a', value = '0', second = '0'] = text.split(' ')
    const [, op = '', width] = /^([a-z]+)(\d*)$/.exec(name) ?? []
    const at = addressOf(place) - addressOf('a')
    const size = Number(width || (op === 'movdir' ? 64 : 8))
    const put = (number: bigint): void => {
      for (let i = 0; i < size; i++) this.bytes[at + i] = Number((number >> BigInt(8 * (i % 8))) & 255n)
    }
    let old = 0n
    for (let i = Math.min(size, 8) - 1; i >= 0; i--) old = (old << 8n) | BigInt(this.bytes[at + i] as number)
    if (['ld', 'xchg', 'faa', 'cas'].includes(op)) this.loads.push(Number(old))
    if (['st', 'nt', 'ntdq', 'movdir', 'xchg'].includes(op)) put(BigInt(value))
    if (op === 'faa') put(old + BigInt(value))
    if (op === 'cas' && old === BigInt(value)) put(BigInt(second))
  }
}

const jump = fc.array(fc.nat(), { maxLength: 12 })

describe('laws, on random programs of two cores', () => {
  test('one core alone reads what it wrote last', () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 60 }), machine, policies, fc.nat(), (code, config, name, seed) => {
        const r = rig(name, seed, config)
        const memory = new Memory()
        for (const text of code) {
          memory.execute(text)
          execute(r, 0, text)
        }
        expect(r.loads).toEqual(memory.loads)
      }),
      { numRuns: runs(150) },
    )
  })

  test('at most one core owns a modified line, and L3 includes what L1 holds', () => {
    fc.assert(
      fc.property(program(40), machine, policies, fc.nat(), (code, config, name, seed) => {
        const r = rig(name, seed, config)
        for (const [core, text] of code) {
          execute(r, core, text)
          const state = new StateAt(r.hw, r.hw.cells.words)
          for (const line of lines(r)) {
            const copies = r.hw.caches.l1.flatMap((cache) => state.inCache(cache, line) ?? [])
            if (copies.some((copy) => copy.state >= 2)) expect(copies).toHaveLength(1)
            if (copies.length > 0) expect(state.inCache(r.hw.caches.l3, line)).toBeDefined()
            expect(state.visible(line)).toBe(r.hw.lines.head[line])
          }
        }
      }),
      { numRuns: runs(100) },
    )
  })

  test('whatever was stored, flushed and fenced by one core survives from then on', () => {
    fc.assert(
      fc.property(program(40), machine, policies, fc.nat(), (code, config, name, seed) => {
        const r = rig(name, seed, { ...config, sfence_retires: false })
        for (const [core, text] of code) execute(r, core, text)
        run(r, 'st z 77; clwb z; sfence')
        for (const [core, text] of code) {
          execute(r, core, text)
          expect(losses(r).filter((loss) => loss.startsWith('z'))).toEqual([])
        }
      }),
      { numRuns: runs(100) },
    )
  })

  test('moving between any two steps gives the state that was recorded there', () => {
    fc.assert(
      fc.property(program(40), machine, policies, fc.nat(), jump, (code, config, name, seed, jumps) => {
        const r = rig(name, seed, config)
        const states: string[] = []
        r.recorder.onStep = () => states.push(r.hw.cells.words.slice(0, r.hw.cells.size).join())
        for (const [core, text] of code) execute(r, core, text)
        const cursor = new Cursor(r.trace)
        for (const jump of states.length === 0 ? [] : jumps) {
          const step = jump % states.length
          cursor.seek(step)
          const recorded = (states[step] as string).split(',').map(Number)
          expect([...cursor.words.slice(0, recorded.length)]).toEqual(recorded)
        }
        cursor.seek(-1)
        expect(cursor.words.every((word) => word === 0)).toBe(true)
      }),
      { numRuns: runs(100) },
    )
  })
})
