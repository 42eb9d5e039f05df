import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/runs.ts'
import { parseScenario } from './parse.ts'

const read = (text: string) => {
  const result = parseScenario(text)
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 1))
  return result.value
}

/** The C of a text. */
const source = (text: string): string => {
  const { what } = read(text)
  return what.kind === 'c' ? what.text : ''
}

/** `line:column+length message | hint` of each complaint about a front matter. */
const complaints = (yaml: string): readonly string[] => {
  const result = parseScenario(`---\n${yaml}\n---\nint main(void) { return 0; }\n`)
  if (result.ok) return []
  return result.error.map(
    (d) => `${d.line}:${d.column}+${d.length} ${d.message}${d.hint === undefined ? '' : ` | ${d.hint}`}`,
  )
}

describe('a text', () => {
  test('without front matter is C and means all the defaults', () => {
    const text = 'int main(void)\n{\n  return 0;\n}\n'
    const { positions, ...scenario } = read(text)
    expect(positions.size).toBe(0)
    expect(scenario).toEqual({
      title: 'Untitled',
      kernel: 'v6.1',
      machine: {
        arch: 'x86-64',
        cores: 1,
        cpu: { clwb: true, clflushopt: true, movdir64b: false, avx: false, clwb_evicts: false },
        power_fail: 'adr',
        policy: 'lazy',
        seed: 1,
        nvdimms: [{ size: 67108864, flush_hints: 0, adr_fails: false }],
        regions: [{ type: 'pmem', nvdimms: [0], interleave: 4096 }],
        firmware: {},
        caches: { l1: { sets: 64, ways: 8 }, l3: { sets: 256, ways: 16 } },
        store_buffer: 56,
        wc_buffers: 10,
        wpq: 16,
      },
      model: { unit: 'line', movnt: 'visible', cas: 'sdm' },
      setup: 'ndctl create-namespace -e namespace0.0 -f --mode=devdax --map=mem\n',
      setupLine: 1,
      threads: ['main'],
      what: { kind: 'c', text },
      budget: { steps: 2_000_000, ticks: 200_000_000 },
    })
  })

  test('keeps the line numbers of the whole in its C part', () => {
    const text = '---\ntitle: x\n---\nint a;\nint b;\n'
    expect(source(text)).toBe('\n\n\nint a;\nint b;\n')
    expect(source(text.replaceAll('\n', '\r\n'))).toBe('\n\n\nint a;\r\nint b;\r\n')
    expect(source('---\n---')).toBe('\n')
    expect(read('\ufeff---\ntitle: x\n---\nint a;').title).toBe('x')
  })

  test('says where the first line of its setup stands', () => {
    expect(read('---\nsetup: |  # two lines\n  cat /a\n  cat /b\n---\n')).toMatchObject({
      setup: 'cat /a\ncat /b\n',
      setupLine: 3,
    })
    expect(read('---\ntitle: x\nsetup: cat /a\n---\n')).toMatchObject({ setup: 'cat /a', setupLine: 3 })
  })

  test('says where the value of each key stands', () => {
    expect(read('---\nkernel:   v4.13\n---\n').positions.get('kernel')).toEqual({ line: 2, column: 11, length: 5 })
  })

  test('that is too large is refused before it is read', () => {
    const result = parseScenario('a'.repeat(1024 * 1024 + 1))
    expect(result).toMatchObject({ ok: false, error: [{ line: 1, column: 1 }] })
  })
})

describe('a front matter', () => {
  test('gives every key of the format that this version carries out', () => {
    const scenario = read(`---
title: "All: of it"
kernel: v4.12+series:13
machine:
  cores: 2
  cpu: { clwb: true, clflushopt: false, avx: true, movdir64b: true, clwb_evicts: true }
  power_fail: eadr
  policy: random
  seed: 7
  nvdimms: [{ size: 64M, flush_hints: 2 }, { size: 0x4000000, adr_fails: true }]
  regions: [{ type: pmem, nvdimms: [1, 0], interleave: 4K }]
  firmware: { capabilities: none }
  caches: { l1: { sets: 2, ways: 2 }, l3: { ways: 4 } }
  store_buffer: 4
  wc_buffers: 2
  wpq: 8
model: { unit: word, movnt: fence, cas: paper }
threads: [writer, reader, third]
budget: { steps: 5000 }
---
`)
    expect(scenario.machine).toEqual({
      arch: 'x86-64',
      cores: 2,
      cpu: { clwb: true, clflushopt: false, avx: true, movdir64b: true, clwb_evicts: true },
      power_fail: 'eadr',
      policy: 'random',
      seed: 7,
      nvdimms: [
        { size: 67108864, flush_hints: 2, adr_fails: false },
        { size: 67108864, flush_hints: 0, adr_fails: true },
      ],
      regions: [{ type: 'pmem', nvdimms: [1, 0], interleave: 4096 }],
      firmware: { capabilities: 'none' },
      caches: { l1: { sets: 2, ways: 2 }, l3: { sets: 256, ways: 4 } },
      store_buffer: 4,
      wc_buffers: 2,
      wpq: 8,
    })
    expect(scenario).toMatchObject({
      title: 'All: of it',
      kernel: 'v4.12+series:13',
      model: { unit: 'word', movnt: 'fence', cas: 'paper' },
      threads: ['writer', 'reader', 'third'],
      budget: { steps: 5000, ticks: 200_000_000 },
    })
  })

  test('gives each thread a core unless it says otherwise', () => {
    expect(read('---\nthreads: [a, b]\n---\n').machine.cores).toBe(2)
  })

  test('makes a region of each NVDIMM unless it says otherwise', () => {
    expect(read('---\nmachine: { nvdimms: [{ size: 16M }, { size: 32M }] }\n---\n').machine.regions).toEqual([
      { type: 'pmem', nvdimms: [0], interleave: 4096 },
      { type: 'pmem', nvdimms: [1], interleave: 4096 },
    ])
  })

  test('may hold a real firmware table, which then describes the hardware', () => {
    expect(read('---\nmachine:\n  nfit: TkZJVA==\n---\n').machine.nfit).toBe('TkZJVA==')
    expect(complaints('machine:\n  nfit: TkZJVA==\n  nvdimms: [{ size: 64M }]')).toEqual([
      '4:12+15 `nfit` describes the hardware: leave out `nvdimms`',
    ])
  })
})

describe('a mistake is named with its place', () => {
  test.each([
    [
      'polcy: lazy',
      [
        '2:1+5 unknown key `polcy` | the keys here are title, kernel, machine, cmdline, config, model, setup, threads, budget',
      ],
    ],
    ['machine:\n  polcy: lazy', ['3:3+5 unknown key `polcy` in `machine` | did you mean `policy`?']],
    [
      'machine: { policy: eagr }',
      ['2:20+4 expected one of lazy, eager, random, person, found `eagr` | did you mean `eager`?'],
    ],
    ['machine: { cores: 9 }', ['2:19+1 expected a whole number from 1 to 8, found `9`']],
    ['machine: { seed: 1.5 }', ['2:18+3 expected a whole number from 0 to 4294967295, found `1.5`']],
    ['machine: { caches: { l1: { sets: 3 } } }', ['2:34+1 expected a power of two from 1 to 1024, found `3`']],
    [
      'machine: { nvdimms: [{ size: 17X }] }',
      ['2:30+3 expected a size from 16M to 64G, a multiple of 4K, found `17X`'],
    ],
    ['machine: { cpu: { clwb: yes } }', ['2:25+3 expected true or false, found `yes`']],
    ['machine: { cpu: { avx: 1 } }', ['2:24+1 expected true or false, found `1`']],
    ['model: { cas: intel }', ['2:15+5 expected one of sdm, paper, found `intel`']],
    ['machine:\n  arch: s390\n  dcssblk: []', ['4:12+2 expected 1 to 8 items, found 0']],
    [
      'args: [a]\nstdin: x',
      ['2:1+4 `args` is not supported by this version yet', '3:1+5 `stdin` is not supported by this version yet'],
    ],
    ['machine: { nvdimms: [{ image: x }] }', ['2:24+5 `image` is not supported by this version yet']],
    ['machine: { regions: [{ type: volatile }] }', ['2:22+18 a region of type `volatile` needs a `size`']],
    ['machine: { regions: [{ nvdimms: [0, 1] }] }', ['2:37+1 there is no NVDIMM 1: `nvdimms` has 1, counted from 0']],
    ['machine: { regions: [{ nvdimms: [0] }, { nvdimms: [0] }] }', ['2:52+1 NVDIMM 0 is already in region 0']],
    [
      'machine: { nvdimms: [{ size: 16M }, { size: 32M }], regions: [{}] }',
      ['2:63+2 interleaved NVDIMMs must be of one size, these are 16M and 32M'],
    ],
    [
      'kernel: 6.1',
      ['2:9+3 expected a kernel release such as v6.1, v4.12+series:13 or v4.18-4557641b4c70, found `6.1`'],
    ],
    ['threads: [a, b, a]', ['2:17+1 `a` runs already: a thread is known by its name']],
    ['threads: writer', ['2:10+6 expected a list, each item the name of a C function; found `writer`']],
    ['threads: []', ['2:10+2 expected 1 to 8 items, found 0']],
    ['setup: >\n  a\n  b', ['2:8+1 a block after `>` joins its lines into one | write `|` instead']],
    ['title: x\ntitle: y', ['3:1+5 `title` is given twice']],
    ['title:', ['2:1+5 expected text of at most 200 characters, found nothing']],
    [
      'machine: *m\nthreads: [*t, 1]',
      [
        '2:10+2 the alias `*m` is not read here | write the value out; one that begins with "*" needs quotes round it',
        '3:11+2 the alias `*t` is not read here | write the value out; one that begins with "*" needs quotes round it',
        '3:15+1 expected the name of a C function, found `1`',
      ],
    ],
    [
      'machine: &m\n  cores: 0',
      [
        '2:10+2 the anchor `&m` is not read here | write the value where it is used',
        '3:10+1 expected a whole number from 1 to 8, found `0`',
      ],
    ],
    ['title: !!str 5', ['2:8+5 a YAML tag has no meaning here | a value that begins with "!" needs quotes round it']],
    ['machine: { <<: {} }', ['2:12+2 the merge key `<<` is not read here | write the keys out']],
    ['? title\n: x', ['2:1+1 a key after `?` is not read here | write `key: value`']],
    [
      '[a]: b\n: c',
      ['2:1+3 expected the name of a key, found a list', '3:1+1 expected the name of a key, found nothing'],
    ],
    ['%YAML 1.1\n---  # c\ntitle: x', ['2:1+9 the YAML directive `%YAML 1.1` is not read here | leave it out']],
    ['- a', ['2:1+3 expected keys such as `title: …`, found a list']],
    [
      'title: The flag: too early',
      ['2:8+1 a second key on one line | a value that contains ": " needs quotes round it'],
    ],
    ['machine:\n\tcores: 1', ['3:1+1 a tab indents this line | YAML is indented with spaces']],
    ['title: a\n...\nb: c', ['4:1+3 a second YAML document begins here | the front matter is one map of keys']],
  ])('%j', (yaml, expected) => {
    expect(complaints(yaml)).toEqual(expected)
  })

  test('and all of them are told at once, in order', () => {
    expect(complaints('machine:\n  wpq: 0\nkernel: x\nfoo: 1').map((line) => line.split(' ')[0])).toEqual([
      '3:8+1',
      '4:9+1',
      '5:1+3',
    ])
  })

  test('also when the YAML breaks further down', () => {
    expect(complaints('kernel: x\ntitle: "a').map((line) => line.split(' ')[0])).toEqual(['2:9+1', '4:1+1'])
  })

  test('when the front matter does not end', () => {
    expect(parseScenario('---\ntitle: x\n')).toMatchObject({
      error: [{ line: 1, column: 1, message: 'the front matter that begins here does not end' }],
    })
  })

  test('when lists are nested without end', () => {
    expect(complaints(`title: ${'['.repeat(60_000)}`)).toEqual([
      '2:71+1 lists and maps are nested more than 64 deep here',
    ])
  })
})

describe('a setting from outside the text', () => {
  const set = (path: string, value: string, text = '---\nmachine: { cores: 2 }\n---\n') =>
    parseScenario(text, [{ path, value, spelled: `--set ${path}=${value}` }])

  test('replaces a key, or adds it with the maps and lists round it', () => {
    expect(set('machine.cores', '3')).toMatchObject({ value: { machine: { cores: 3 } } })
    expect(set('machine.policy', 'eager')).toMatchObject({ value: { machine: { policy: 'eager', cores: 2 } } })
    expect(set('machine.nvdimms.0.size', '16M')).toMatchObject({ value: { machine: { nvdimms: [{ size: 2 ** 24 }] } } })
    expect(set('threads', '[a, b]', 'int x;')).toMatchObject({
      value: { threads: ['a', 'b'], what: { kind: 'c', text: 'int x;' } },
    })
  })

  test('fills a key that holds nothing, and leaves the places of the others', () => {
    const text = '---\nmachine:\ntitle: x\n---\n'
    const result = set('machine.cores', '3', text)
    expect(result).toMatchObject({ value: { machine: { cores: 3 }, title: 'x' } })
    expect(result.ok && [...result.value.positions.keys()]).toEqual(['title'])
  })

  test('that is wrong is named instead of a place', () => {
    expect(set('machine.policy', 'eagr')).toMatchObject({ error: [{ setting: '--set machine.policy=eagr' }] })
    expect(set('machine.polcy', 'x')).toMatchObject({ error: [{ setting: '--set machine.polcy=x' }] })
    expect(set('machine.cores.x', '1')).toMatchObject({ error: [{ message: 'what stands before `x` has no keys' }] })
    expect(set('machine.nvdimms.7', '1')).toMatchObject({
      error: [{ message: '`7` is no item of a list of 0: expected 0 … 0' }],
    })
    expect(set('', '1')).toMatchObject({ error: [{ setting: '--set =1' }] })
    expect(set('title', '*t')).toMatchObject({ error: [{ message: 'the alias `*t` is not read here' }] })
    expect(set('a.'.repeat(9999), 'x')).toMatchObject({ ok: false })
    expect(set('title', '"')).toMatchObject({ error: [{ setting: '--set title="' }] })
  })
})

describe('no text makes the reader throw or hang', () => {
  const sample = `---
title: "x"
kernel: v6.1
machine:
  nvdimms: [{ size: 64M, flush_hints: 2 }, { size: 64M }]
  regions: [{ type: pmem, nvdimms: [0, 1], interleave: 4K }]
setup: |
  cat /sys
threads: [main]
---
int main(void) { return 0; }
`
  /** It answers, and each complaint has a place that exists in the text. */
  const survives = (text: string, path = 'title', value = 'x') => {
    const lines = text.split('\n').length
    for (const settings of [[], [{ path, value, spelled: 'set' }]]) {
      const result = parseScenario(text, settings)
      if (result.ok) continue
      expect(result.error.length).toBeGreaterThan(0)
      for (const { line, column, length } of result.error) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lines)
        expect(Math.min(column, length)).toBeGreaterThanOrEqual(1)
      }
    }
  }
  const yamlish = fc.array(
    fc.constantFrom(
      '---\n',
      '...\n',
      '[',
      ']',
      '{',
      '}',
      ': ',
      '- ',
      '? ',
      '|\n',
      '>\n',
      '&a ',
      '*a',
      '!!x ',
      '"',
      "'",
      '#',
      '\n',
      '  ',
      '\t',
      ',',
      'machine',
      'nvdimms',
      'size',
      '64M',
      'title',
      '<<',
      '__proto__',
      '\r',
      '%',
      '@',
      '\\',
      '\u2028',
      '0',
    ),
    { maxLength: 60 },
  )

  const MINUTES = 10 * 60_000

  test('of random characters', { timeout: MINUTES }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => survives(text)),
      { numRuns: runs(1000) },
    )
  })
  test('of random pieces of YAML', { timeout: MINUTES }, () => {
    fc.assert(
      fc.property(yamlish, fc.string(), fc.string(), (pieces, path, value) =>
        survives(`---\n${pieces.join('')}\n---\n`, path, value),
      ),
      { numRuns: runs(1000) },
    )
  })
  test('that is a mutation of a good one', { timeout: MINUTES }, () => {
    const cut = fc.tuple(
      fc.nat(sample.length),
      fc.nat(12),
      yamlish.map((pieces) => pieces.slice(0, 3).join('')),
    )
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 5 }), (cuts) => {
        let text = sample
        for (const [at, length, put] of cuts) text = text.slice(0, at) + put + text.slice(at + length)
        survives(text)
      }),
      { numRuns: runs(1000) },
    )
  })
})
