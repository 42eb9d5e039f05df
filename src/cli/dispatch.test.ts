import { describe, expect, test } from 'vitest'
import { diagnostic } from '../base/diagnostic.ts'
import { err, ok } from '../base/result.ts'
import type { RunReport } from '../engine/inspect/report.ts'
import type { RunFacts } from '../protocol/compare.ts'
import type { ParsedScenario } from '../scenario/parse-with.ts'
import { dispatch } from './dispatch.ts'
import type { EnginePort, RunOptions } from './engine-port.ts'

const FILES: Readonly<Record<string, string>> = {
  'a.c': 'int main(void) { return 0; }\n',
  'a.pmem': '---\ntitle: x\n---\nint main(void) { return 0; }',
  'bad.pmem': '---\npolcy: 1\n---\n',
  'table.bin': 'NFIT',
}

const NOTHING = {
  store: 0,
  movnt: 0,
  movdir64b: 0,
  clwb: 0,
  clflushopt: 0,
  clflush: 0,
  sfence: 0,
  mfence: 0,
  lock: 0,
  hint: 0,
}

/** An engine that tells what it was asked. */
class Stub implements EnginePort {
  readonly asked: { scenario: ParsedScenario; options: RunOptions }[] = []
  readonly problem: RunReport['problem'] | undefined
  constructor(outcome: Pick<RunReport, 'problem'> = {}) {
    this.problem = outcome.problem
  }
  readonly typed: string[] = []
  atPrompt(_scenario: ParsedScenario, text: string, command: string) {
    this.typed.push(text.includes('nfit:') ? `table: ${command}` : command)
    const status = command.includes('list') ? 0 : 1
    return ok({ outcome: { from: 0, to: 1, output: 'said\n', status }, problem: undefined })
  }
  run(scenario: ParsedScenario, _text: string, options: RunOptions) {
    this.asked.push({ scenario, options })
    if (scenario.kernel === 'v9.9') return err([diagnostic(2, 1, 1, 'no such release')])
    const report: RunReport = {
      release: scenario.kernel,
      model: scenario.model,
      steps: 10,
      programStart: 4,
      setupOutput: '{}\n',
      stdout: 'hello\n',
      stderr: 'oh\n',
      exit: { main: 0 },
      bios: [],
      dmesg: [
        { step: 1, level: 'info', text: 'nd_pmem: ready' },
        { step: 2, level: 'debug', text: 'details' },
      ],
      counts: { ...NOTHING, store: 2 },
      countsByFunction: { main: { ...NOTHING, store: 2 } },
      setupCounts: NOTHING,
      hash: 'abc',
      crash: {
        step: 9,
        lostBytes: 8,
        lost: [{ spa: 0x1_0000_0040, length: 8, where: 'l1', file: '/dev/dax0.0', offset: 64, block: null, line: 27 }],
        mayLoseBytes: 8,
        mayLose: [{ spa: 0x1_0000_0040, length: 8, file: '/dev/dax0.0', offset: 64, block: null }],
        images: '1024',
        dirtyShutdowns: [],
      },
      ...(this.problem === undefined ? {} : { problem: this.problem }),
    }
    const facts = { title: 'a', release: scenario.kernel } as RunFacts
    return ok({ report, facts, images: new Map((options.images ?? []).map((device) => [device, Uint8Array.of(1, 2)])) })
  }
  nfit(bytes: Uint8Array) {
    if (bytes.length === 0) return err('the table ends before its header (byte 0)')
    const check = [{ offset: 9, severity: 'error', message: 'checksum is wrong' }]
    const labels = { nmem0: [{ offset: 64, severity: 'warning', message: 'checksum invalid' }] }
    const report = { table: { header: { length: bytes.length } }, check, labels, dmesg: [], regions: [] }
    return ok({ report, probeFailed: bytes[0] !== 0x4e })
  }
  litmus(): never {
    throw new Error('no litmus test is run here')
  }
  compare(runs: readonly RunFacts[]) {
    const rows = [
      { name: 'store', values: runs.map((_, i) => `${i}`) },
      { name: 'a line of the log that is longer than the first column may ever be', values: runs.map(() => 'yes') },
    ]
    const names = runs.map(({ release }) => release)
    return { names, same: false, sections: [{ title: 'Instructions', same: false, rows }] }
  }
}

async function pmemscope(line: string, engine: EnginePort = new Stub(), input = '') {
  let out = ''
  let said = ''
  const written: string[] = []
  const terminal = {
    read: async (path: string) => {
      const text = path === '-' ? input : FILES[path]
      return text === undefined ? err('no such file') : ok(new TextEncoder().encode(text))
    },
    write: async (path: string) => {
      if (path === '/full') return 'no space left'
      written.push(path)
      return undefined
    },
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      said += text
    },
  }
  const status = await dispatch(line.split(' ').filter(Boolean), '1.2.3', { terminal, engine })
  return { status, out, said, ...(written.length === 0 ? {} : { written }) }
}

describe('what can not be understood ends with status 2 and a reason', () => {
  test.each([
    ['rnu a.c', 'pmemscope: unknown command `rnu` (did you mean run?)\n'],
    [
      'frobnicate',
      'pmemscope: unknown command `frobnicate` (there are run, litmus, nfit, ndctl, replay-log, share, open)\n',
    ],
    ['crash a.c', 'pmemscope: `crash` is not supported by this version yet\n'],
    ['--json run', 'pmemscope: unknown option --json; the command comes first (pmemscope --help)\n'],
    ['run', 'pmemscope: run: expected FILE, found nothing\n'],
    ['run a.c b.c', 'pmemscope: run: expected FILE, found a.c b.c\n'],
    ['run --kernal v6.1 a.c', 'pmemscope: run: unknown option --kernal (did you mean --kernel?)\n'],
    ['run -x a.c', 'pmemscope: run: unknown option -x\n'],
    ['run --constructor a.c', 'pmemscope: run: unknown option --constructor\n'],
    ['run a.c --kernel', 'pmemscope: run: --kernel needs a value: RELEASE\n'],
    ['run a.c --crash-at --json', 'pmemscope: run: --crash-at needs a value: STEP\n'],
    ['run a.c --crash-at 1 --crash-at 2', 'pmemscope: run: --crash-at is given twice\n'],
    ['run a.c --json=yes', 'pmemscope: run: --json takes no value\n'],
    ['run a.c --image pmem0', 'pmemscope: --image pmem0: expected DEVICE=OUT\n'],
    ['run a.c --image pmem0=x --image pmem0=y', 'pmemscope: --image pmem0=y: pmem0 is given twice\n'],
    [
      'run a.c --image pmem0=x --kernel v6.1 --kernel v4.13',
      'pmemscope: --image: of which release? There are several\n',
    ],
    ['run a.c --trace x', 'pmemscope: run: --trace is not supported by this version yet\n'],
    ['run a.c --crash-at soon', 'pmemscope: --crash-at soon: expected a step number, line:N or end\n'],
    ['run a.c --set policy', 'pmemscope: --set policy: expected KEY=VALUE\n'],
    ['run none.c', 'pmemscope: none.c: no such file\n'],
    [
      'run a.c --set machine.policy=eagr',
      '--set machine.policy=eagr: error: expected one of lazy, eager, random, person, found `eagr`\n  hint: did you mean `eager`?\n',
    ],
    [
      'run a.c --kernel new',
      '--kernel new: error: expected a kernel release such as v6.1, v4.12+series:13 or v4.18-4557641b4c70, found `new`\n',
    ],
    [
      'run bad.pmem',
      'bad.pmem:2:1: error: unknown key `polcy`\n  polcy: 1\n  ^~~~~\n  hint: the keys here are title, kernel, machine, cmdline, config, model, setup, threads, budget\n',
    ],
    ['share a.c --base nowhere', 'pmemscope: --base nowhere: expected an address such as http://localhost:4173/\n'],
    ['open https://example.org/', 'pmemscope: This address holds no pmemscope scenario.\n'],
    [
      'nfit table.bin --labels nmem0=labels.bin',
      'pmemscope: --labels nmem0=labels.bin: neither a size nor a file: no such file\n',
    ],
    ['nfit table.bin --labels x', 'pmemscope: --labels x: expected nmemN=FILE or nmemN=SIZE\n'],
    ['nfit -', 'pmemscope: <standard input>: the table ends before its header (byte 0)\n'],
  ])('%s', async (line, said) => {
    expect(await pmemscope(line)).toEqual({ status: 2, out: '', said })
  })

  test('a place that only the engine finds wrong is shown in the text', async () => {
    expect(await pmemscope('run a.pmem --kernel v9.9')).toMatchObject({ status: 2, out: '' })
    expect((await pmemscope('run a.pmem --set kernel=v9.9')).said).toContain(
      'a.pmem:2:1: error: no such release\n  title',
    )
  })

  test('bytes that are no text', async () => {
    let said = ''
    const terminal = {
      read: async () => ok(Uint8Array.of(65, 0xc3, 0xa9, 0xff, 66)),
      write: async () => undefined,
      out: () => {},
      err: (text: string) => {
        said += text
      },
    }
    const world = { terminal, engine: new Stub() }
    expect(await dispatch(['run', 'x'], '', world)).toBe(2)
    expect(said).toBe('pmemscope: x: not UTF-8 text (at byte 3)\n')
  })
})

describe('run', () => {
  test('several releases are a table', async () => {
    const { out, status } = await pmemscope('run a.c --kernel v4.12 --kernel v4.13')
    expect(status).toBe(0)
    expect(out).toBe(`              v4.12  v4.13

Instructions
  store           0      1
  a line of the log that is longer than the first column may ever be
                yes    yes
`)
  })

  test('gives one report, or one a release in the order asked for', async () => {
    const one = JSON.parse((await pmemscope('run --json a.c')).out) as RunReport
    expect(one).toMatchObject({ release: 'v6.1', crash: { lostBytes: 8 } })
    const two = JSON.parse((await pmemscope('run a.c --json --kernel v4.13 --kernel=v4.12')).out) as RunReport[]
    expect(two.map(({ release }) => release)).toEqual(['v4.13', 'v4.12'])
  })

  test('hands over where the power fails and what was set', async () => {
    const engine = new Stub()
    await pmemscope('run - --crash-at line:7 --set machine.wpq=4 --set title=y', engine, FILES['a.pmem'])
    await pmemscope('run a.c --crash-at end', engine)
    await pmemscope('run a.c --crash-at=12', engine)
    expect(engine.asked.map(({ options }) => options)).toEqual([
      { crashAt: { line: 7 } },
      { crashAt: 'end' },
      { crashAt: 12 },
    ])
    expect(engine.asked[0]?.scenario).toMatchObject({ title: 'y', machine: { wpq: 4 } })
  })

  test('hands over which disks are wanted, and writes them', async () => {
    const engine = new Stub()
    const { written } = await pmemscope('run a.c --image /dev/pmem0=out --image pmem1=more', engine)
    expect(engine.asked[0]?.options).toEqual({ images: ['/dev/pmem0', 'pmem1'] })
    expect(written).toEqual(['out', 'more'])
    expect(await pmemscope('run a.c --image pmem0=/full')).toMatchObject({
      status: 2,
      said: 'pmemscope: --image pmem0=/full: no space left\n',
    })
  })

  test('hands what stands behind -- to ndctl, each word as it is', async () => {
    const engine = new Stub()
    expect(await pmemscope("ndctl a.pmem -- list -BDRN -n it's", engine)).toMatchObject({ status: 0, out: 'said\n' })
    expect(await pmemscope('ndctl a.pmem -- nonsense', engine)).toMatchObject({ status: 1, out: '', said: 'said\n' })
    expect(engine.typed).toEqual(["ndctl 'list' '-BDRN' '-n' 'it'\\''s'", "ndctl 'nonsense'"])
  })

  test('ends with 3 when a budget cut the run off', async () => {
    const problem = { message: 'cut off', line: 3, budget: true, setup: false }
    expect(await pmemscope('run a.c', new Stub({ problem }))).toMatchObject({ status: 3 })
    expect(await pmemscope('run a.c', new Stub({ problem: { ...problem, budget: false } }))).toMatchObject({
      status: 0,
    })
  })

  test('ends with 2 when a setup command fails, and names its line', async () => {
    const problem = { message: 'ndctl: no such namespace', line: 3, budget: false, setup: true }
    const { status, said } = await pmemscope('run a.c', new Stub({ problem }))
    expect(status).toBe(2)
    expect(said).toContain('a.c:3: setup: ndctl: no such namespace')
  })

  test('reads well', async () => {
    expect((await pmemscope('run a.c', new Stub())).out).toBe(`v6.1: 10 steps, the program begins at 4; hash abc

dmesg
  [1] nd_pmem: ready

output of the setup
  {}

output
  hello

error output
  oh

exit
  main: 0

counts
  store 2

power failure at step 9
  lost in this run: 8 bytes
    /dev/dax0.0+64: 8 bytes, was in l1 (line 27)
  may be lost: 8 bytes (line snapshots; movnt durable when visible; a failed compare-and-swap fences)
    /dev/dax0.0+64: 8 bytes
  possible images: 1,024
`)
  })
})

describe('nfit', () => {
  test('prints the report, and ends with 1 when the probe fails', async () => {
    expect(await pmemscope('nfit table.bin')).toMatchObject({
      status: 0,
      out: `table:
  header:
    length: 4
check:
  - byte 9: error: checksum is wrong
labels:
  nmem0:
    - byte 64: warning: checksum invalid
dmesg: []
regions: []
`,
    })
    expect(await pmemscope('nfit - --json --labels nmem0=128K', new Stub(), 'X')).toMatchObject({ status: 1 })
  })
})

describe('share and open', () => {
  test('bring a text back byte for byte, whatever it holds', async () => {
    const text = '\ufeff---\r\nnot: [yaml\r\n---\r\nint é;'
    const shared = await pmemscope('share -', new Stub(), text)
    expect(shared).toMatchObject({ status: 0, said: '' })
    expect(shared.out).toMatch(/^http:\/\/localhost:4173\/#1\.[\w-]+\.[0-9a-f]{8}\n$/)
    expect(await pmemscope(`open ${shared.out.trim()}`)).toEqual({ status: 0, out: text, said: '' })
    expect(await pmemscope('open -', new Stub(), shared.out)).toMatchObject({ out: text })
  })

  test('tell the same as JSON', async () => {
    const { url } = JSON.parse((await pmemscope('share a.c --json --base https://example.org/p/?x=1')).out) as {
      url: string
    }
    expect(url.startsWith('https://example.org/p/?x=1#1.')).toBe(true)
    expect(JSON.parse((await pmemscope(`open --json ${url}`)).out)).toEqual({ text: FILES['a.c'], interventions: [] })
  })

  test('share what was set', async () => {
    const { out } = await pmemscope('share a.pmem --set machine.policy=eager')
    expect((await pmemscope(`open ${out.trim()}`)).out).toContain('title: x\nmachine:\n  policy: eager\n---\nint main')
  })
})

test('help and version are told', async () => {
  expect(await pmemscope('--version')).toEqual({ status: 0, out: '1.2.3\n', said: '' })
  expect((await pmemscope('--help')).out).toContain('run FILE')
  expect((await pmemscope('run --help')).out).toContain('--crash-at STEP')
  expect(await pmemscope('')).toMatchObject({ status: 2, out: '' })
})
