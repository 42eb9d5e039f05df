import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../test/flat-machine.ts'
import { runs } from '../../../../test/runs.ts'
import { runSetup } from './setup.ts'
import { parseCommands } from './words.ts'

const nfit = new Uint8Array(
  readFileSync(new URL('../../../../test/fixtures/groundtruth/a-1nvdimm-nolabel/NFIT.bin', import.meta.url)),
)

/** What a setup prints, and how it ends. */
function setup(text: string) {
  const { k } = boot(nfit)
  let output = ''
  const problem = run(
    runSetup(k, text, 10, (more) => {
      output += more
    }),
  )
  return { output, problem }
}

const words = (text: string): readonly (readonly string[])[] => {
  const commands = parseCommands(text, 1)
  return commands.ok
    ? commands.value.map((command) => command.words)
    : [[`${commands.error.line}: ${commands.error.message}`]]
}

describe('words', () => {
  test('quotes keep blanks, backslashes keep one character, comments go', () => {
    expect(words(`echo 'a  b' "c \\" d" e\\ f # comment`)).toEqual([['echo', 'a  b', 'c " d', 'e f']])
    expect(words(`echo 'a'"b"c ''`)).toEqual([['echo', 'abc', '']])
    expect(words('echo a#b')).toEqual([['echo', 'a#b']])
  })

  test('lines, semicolons and && separate commands; a backslash continues a line', () => {
    expect(words('a; b && c\nd \\\n e')).toEqual([['a'], ['b'], ['c'], ['d', 'e']])
  })

  test('what is not supported is named, with its line', () => {
    expect(words('a\nb $HOME')).toEqual([['2: not supported in setup: $']])
    expect(words('a | b')).toEqual([['1: not supported in setup: |']])
    expect(words('a &&')).toEqual([['1: something must follow &&']])
    expect(words("a\necho 'b")).toEqual([["2: missing closing '"]])
    expect(words('echo 1 >\n')).toEqual([['1: something must follow >']])
  })

  test('any word in single quotes comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.string().map((text) => text.replaceAll("'", '')),
        (word) => {
          expect(words(`echo '${word}'`)).toEqual([['echo', word]])
        },
      ),
      { numRuns: runs(200) },
    )
  })

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const commands = parseCommands(text, 1)
        if (!commands.ok) expect(commands.error.line).toBeGreaterThan(0)
      }),
      { numRuns: runs(1000) },
    )
  })
})

describe('cat and echo', () => {
  test('read and write sysfs, by links too', () => {
    const { output, problem } = setup(
      `echo 'write through' > /sys/block/pmem0/queue/write_cache
       cat /sys/class/block/pmem0/queue/write_cache /sys/bus/nd/devices/region0/size`,
    )
    expect(problem).toBeUndefined()
    expect(output).toBe('write through\n268435456\n')
  })

  test.each([
    ['echo on > /sys/block/pmem0/queue/write_cache', 'echo: write error: Invalid argument'],
    ['echo 2 > /sys/block/pmem0/dax/write_cache', 'echo: write error: Invalid argument'],
    ['echo 1 > /sys/bus/nd/devices/region0/size', '/sys/bus/nd/devices/region0/size: Permission denied'],
    ['cat /sys/bus/nd/devices/region7/size', 'cat: /sys/bus/nd/devices/region7/size: No such file or directory'],
    ['cat /sys/bus/nd/devices/dax0.0/size', 'cat: /sys/bus/nd/devices/dax0.0/size: No such device or address'],
    ['echo nmem7 > /sys/bus/nd/drivers/nvdimm/unbind', 'echo: write error: No such device'],
    ['frobnicate', 'frobnicate: command not found (setup knows cat, echo, ndctl)'],
  ])('%s', (line, message) => {
    expect(setup(`\n${line}`).problem).toEqual({ line: 11, message })
  })

  test('write_cache takes what begins as upstream expects; dax/write_cache any boolean', () => {
    const written = (file: string, text: string) =>
      setup(`echo '${text}' > /sys/block/pmem0/${file}\ncat /sys/block/pmem0/${file}`).output
    expect(['none', 'write back ', 'write throughout'].map((text) => written('queue/write_cache', text))).toEqual([
      'write through\n',
      'write back\n',
      'write through\n',
    ])
    expect(['off', 'Y', '0'].map((text) => written('dax/write_cache', text))).toEqual(['0\n', '1\n', '0\n'])
  })

  test('a command that fails ends the setup', () => {
    expect(setup('echo one\ncat /nowhere\necho two').output).toBe('one\n')
  })
})

describe('ndctl', () => {
  test('prints the new namespace as the real tool does', () => {
    const { output, problem } = setup('ndctl create-namespace -e namespace0.0 -f -m devdax -M mem')
    expect(problem).toBeUndefined()
    expect(JSON.parse(output)).toEqual({
      dev: 'namespace0.0',
      mode: 'devdax',
      map: 'mem',
      size: 266338304,
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      daxregion: {
        id: 0,
        size: 266338304,
        align: 2097152,
        devices: [{ chardev: 'dax0.0', size: 266338304, target_node: 0, align: 2097152, mode: 'devdax' }],
      },
      align: 2097152,
    })
  })

  test('with struct pages on the device the data begins later', () => {
    const { output } = setup('ndctl create-namespace --reconfig=namespace0.0 --force --mode=devdax --map=dev')
    expect(JSON.parse(output)).toMatchObject({ map: 'dev', size: 262144000 })
  })

  test.each([
    [
      'ndctl create-namespace -e namespace0.0 -m devdax',
      '  Error: namespace0.0 is active, specify --force for re-configuration\n\nfailed to reconfigure namespace: Device or resource busy',
    ],
    ['ndctl create-namespace -fe namespace7.0 -m devdax', 'failed to reconfigure namespace: No such device or address'],
    ['ndctl create-namespace -fe namespace0.0', 'ndctl: not supported yet by this version: --mode=fsdax'],
    ['ndctl list', 'ndctl: not supported yet by this version: list'],
    ['ndctl create-namespace --frob', "  Error: unknown option `frob'"],
    [
      'ndctl create-namespace -fe namespace0.0 -m devdax -a 3M',
      '  Error: create namespace: dax0.0: set_align failed: Invalid argument\n\nfailed to reconfigure namespace: Invalid argument',
    ],
  ])('%s', (line, message) => {
    expect(setup(line).problem).toEqual({ line: 10, message })
  })
})
