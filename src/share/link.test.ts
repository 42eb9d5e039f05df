import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { fromBase64, hex, toBase64Url } from '../base/bytes.ts'
import { prng } from '../base/prng.ts'
import type { Anchor, Intervention } from '../protocol/interventions.ts'
import { crc32 } from './crc32.ts'
import { deflate, inflate } from './deflate.ts'
import { decode, encode, lengthWarning } from './link.ts'
import type { ShareState } from './state.ts'

const MINUTES = 10 * 60_000

const focus: Anchor = { kind: 'code', thread: 'main', at: 'line:17', text: 'log->valid = 1;', visit: 1, event: 2 }
const cut: Intervention = { kind: 'power-failure', at: { kind: 'hardware', transition: 'evict', line: 4096, nth: 3 } }
const push: Intervention = {
  kind: 'transition',
  at: focus,
  transition: { kind: 'write-back', core: 0, line: 0x1_0020_0040 },
}
const schedule: Intervention = { kind: 'schedule', choices: 'P0 drain:P0:x write-back:x power-off' }
const command: Intervention = { kind: 'command', at: focus, text: "cat /sys/block/*/size | grep -v '0'" }
const state: ShareState = { text: 'int main(void) { return 0; }\n', interventions: [cut, push, schedule], focus }

const fragmentOf = async (given: ShareState): Promise<string> => {
  const link = await encode(given)
  if (!link.ok) throw new Error(link.error.message)
  return link.value
}

/** A link with a true checksum round any payload. */
const forge = async (payload: string, version = 1): Promise<string> => {
  const packed = await deflate(new TextEncoder().encode(payload))
  return `#${version}.${toBase64Url(packed)}.${hex(crc32(packed), 8)}`
}

const kindOf = async (fragment: string): Promise<string> => {
  const result = await decode(fragment)
  return result.ok ? 'fine' : result.error.kind
}

test('the checksum is the CRC-32 that everyone computes', () => {
  expect(hex(crc32(new TextEncoder().encode('123456789')), 8)).toBe('cbf43926')
})

describe('a link', () => {
  test('brings text, interventions and focus to another browser', async () => {
    expect(await decode(await fragmentOf(state))).toEqual({ ok: true, value: state })
  })

  test('brings the commands along that were typed, unless they are longer than any command', async () => {
    const given: ShareState = { ...state, interventions: [command, push] }
    expect(await decode(await fragmentOf(given))).toEqual({ ok: true, value: given })
    const of = (text: string) => forge(JSON.stringify({ text: '', interventions: [{ ...command, text }] }))
    expect(await kindOf(await of('x'.repeat(4000)))).toBe('fine')
    expect(await kindOf(await of('x'.repeat(4001)))).toBe('invalid')
    expect(await kindOf(await of(''))).toBe('invalid')
  })

  test('leads inside a computation, by a number of instructions that can be one', async () => {
    const given: ShareState = { ...state, tick: 1234 }
    expect(await decode(await fragmentOf(given))).toEqual({ ok: true, value: given })
    const of = (tick: unknown) => forge(JSON.stringify({ text: '', tick }))
    expect(await kindOf(await of(0))).toBe('invalid')
    expect(await kindOf(await of(1.5))).toBe('invalid')
    expect(await kindOf(await of('1'))).toBe('invalid')
  })

  test('brings the model along that was chosen', async () => {
    const given: ShareState = { ...state, model: { movnt: 'fence' } }
    expect(await decode(await fragmentOf(given))).toEqual({ ok: true, value: given })
    expect(await kindOf(await forge('{"text":"","model":{"unit":"page"}}'))).toBe('invalid')
  })

  test('is made of characters that no program escapes', async () => {
    expect(await fragmentOf(state)).toMatch(/^#1\.[\w-]+\.[0-9a-f]{8}$/)
  })

  test('is read without its hash sign too', async () => {
    expect(await kindOf((await fragmentOf(state)).slice(1))).toBe('fine')
  })

  test('that was ever shared keeps its meaning', async () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../test/fixtures/golden-links.json', import.meta.url), 'utf8'),
    ) as readonly { readonly link: string; readonly state: ShareState }[]
    expect(golden.length).toBeGreaterThan(0)
    for (const { link, state: expected } of golden) expect(await decode(link)).toEqual({ ok: true, value: expected })
  })

  test('carries any text byte for byte', { timeout: MINUTES }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        expect(await decode(await fragmentOf({ text, interventions: [] }))).toEqual({
          ok: true,
          value: { text, interventions: [] },
        })
      }),
      { numRuns: runs(200) },
    )
    for (const text of ['', '\ufeffa', 'a\r\nb\r', '\ud800', '\0', '\u2028'])
      expect(await decode(await fragmentOf({ text, interventions: [] }))).toMatchObject({ value: { text } })
  })
})

describe('a link that was cut, changed or made up says so', () => {
  test('cut', async () => {
    const whole = await fragmentOf(state)
    for (let length = 4; length < whole.length; length++) expect(await kindOf(whole.slice(0, length))).toBe('truncated')
    expect(await kindOf(whole.slice(0, 2))).toBe('not-a-link')
  })

  test('changed', async () => {
    const whole = await fragmentOf(state)
    for (let at = 3; at < whole.length; at++) {
      const other = whole[at] === 'A' ? 'B' : 'A'
      expect(['damaged', 'truncated']).toContain(await kindOf(whole.slice(0, at) + other + whole.slice(at + 1)))
    }
    expect(await kindOf(`${whole}x`)).toBe('damaged')
    expect(await kindOf(whole.replace('.', '.%20'))).toBe('damaged')
  })

  test('newer', async () => {
    const result = await decode(await forge('{}', 3))
    expect(result).toMatchObject({ error: { kind: 'newer-version' } })
    expect(JSON.stringify(result)).toContain('newer pmemscope (version 3;')
  })

  test('something else', async () => {
    for (const text of ['', '#', '#top', '#/path?x=1', '#1', '#01.a.00000000', '#0.a.00000000', '#-1.a.b', '1e9.a.b'])
      expect(await kindOf(text)).toBe('not-a-link')
  })

  test('whole, but not deflated, not JSON, or no scenario', async () => {
    const noise = Uint8Array.of(0xff, 0xff, 0xff, 0xff)
    expect(await kindOf(`#1.${toBase64Url(noise)}.${hex(crc32(noise), 8)}`)).toBe('damaged')
    expect(await kindOf('#1..00000000')).toBe('damaged')
    expect(await kindOf(await forge('{'))).toBe('damaged')
    expect(await kindOf(await forge('null'))).toBe('invalid')
    expect(await kindOf(await forge('{"text":1}'))).toBe('invalid')
    expect(await kindOf(await forge('{"text":"","interventions":[{"kind":"explode"}]}'))).toBe('invalid')
    expect(
      await kindOf(await forge('{"text":"","focus":{"kind":"hardware","transition":"evict","line":3,"nth":1}}')),
    ).toBe('invalid')
  })

  test('too long to read, or unpacking to too much', async () => {
    expect(await kindOf(`#1.${'A'.repeat(70_000)}.00000000`)).toBe('oversized')
    expect(await kindOf(await forge(JSON.stringify({ text: 'a'.repeat(300_000) })))).toBe('oversized')
  })
})

test('fields that no version knows are dropped', async () => {
  const link = await forge(
    '{"text":"x","later":1,"__proto__":{"focus":1},"focus":{"kind":"code","thread":"a","at":"line:1","visit":1,"event":1,"more":[]}}',
  )
  expect(await decode(link)).toEqual({
    ok: true,
    value: { text: 'x', interventions: [], focus: { kind: 'code', thread: 'a', at: 'line:1', visit: 1, event: 1 } },
  })
})

test('a scenario that is too large for a link is refused with the way out', async () => {
  const dice = prng(1)
  const random = toBase64Url(Uint8Array.from({ length: 60_000 }, () => dice.below(256)))
  for (const text of ['a'.repeat(300_000), random]) {
    const result = await encode({ text, interventions: [] })
    expect(result).toMatchObject({ ok: false, error: { kind: 'oversized' } })
  }
})

test('a place that could not be read back is not written', async () => {
  const result = await encode({ text: '', interventions: [], focus: { ...focus, visit: 0 } as Anchor })
  expect(result).toMatchObject({ ok: false, error: { kind: 'invalid' } })
})

test('a long link comes with a warning', () => {
  expect(lengthWarning('x'.repeat(2_000))).toBeUndefined()
  expect(lengthWarning('x'.repeat(2_001))).toContain('some programs')
  expect(lengthWarning('x'.repeat(4_001))).toContain('many programs')
})

test('inflating stops at its cap', async () => {
  const bomb = await deflate(new Uint8Array(20_000_000))
  expect(await inflate(bomb, 1000)).toEqual({ ok: false, error: 'oversized' })
  expect(await inflate(bomb.slice(0, 500), 30_000_000)).toEqual({ ok: false, error: 'damaged' })
})

describe('no fragment makes the reader throw or hang', () => {
  test('of random characters', { timeout: MINUTES }, async () => {
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('#', '.', '1', '1.', 'AA', 'deadbeef'))
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        expect(await kindOf(pieces.join(''))).toBeTypeOf('string')
      }),
      { numRuns: runs(1000) },
    )
  })

  test('with random deflated bytes under a true checksum', { timeout: MINUTES }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await kindOf(`#1.${toBase64Url(bytes)}.${hex(crc32(bytes), 8)}`)).not.toBe('fine')
      }),
      { numRuns: runs(1000) },
    )
  })

  test('with a good payload mutated under a true checksum', { timeout: MINUTES }, async () => {
    const payload = fromBase64((await fragmentOf(state)).split('.')[1] ?? '') ?? new Uint8Array()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1 }),
        async (changes) => {
          const bytes = payload.slice()
          for (const [at, value] of changes) bytes[at] = value
          expect(await kindOf(`#1.${toBase64Url(bytes)}.${hex(crc32(bytes), 8)}`)).toBeTypeOf('string')
        },
      ),
      { numRuns: runs(1000) },
    )
  })

  test('with any JSON in it', { timeout: MINUTES }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect(await kindOf(await forge(json))).toBe('invalid')
      }),
      { numRuns: runs(1000) },
    )
  })
})
