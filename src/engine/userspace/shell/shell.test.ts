import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boot, run } from '../../../../test/flat-machine.ts'
import { runs } from '../../../../test/runs.ts'
import { parseScript } from './parse.ts'
import { isPlain, plainSetup } from './plain.ts'
import { wholeShell } from './whole.ts'

const nfit = new Uint8Array(
  readFileSync(new URL('../../../../test/fixtures/groundtruth/a-1nvdimm-nolabel/NFIT.bin', import.meta.url)),
)

interface RealRun {
  readonly script: string
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

/** Scripts and what bash 5.2, coreutils 9.1, grep 3.8, util-linux 2.38 and xxd made of them, in the C locale. */
const real: readonly RealRun[] = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/shell-scripts.json', import.meta.url), 'utf8'),
)

/** What a setup prints, and how it ends. */
function setup(text: string) {
  const { k } = boot(nfit, {})
  let output = ''
  let errors = ''
  const print = (more: string, stream: 1 | 2): void => {
    if (stream === 1) output += more
    else errors += more
  }
  const problem = run((isPlain(text) ? plainSetup : wholeShell.setup)(k, text, 10, print))
  return { output, errors, problem }
}

/** Commands typed one after the other: what each prints, and its status. */
function typed(...commands: readonly string[]): readonly (readonly [string, number])[] {
  const { k } = boot(nfit, {})
  const shell = wholeShell.console()
  return commands.map((text) => {
    let output = ''
    const status = run(
      shell.run(k, text, (more) => {
        output += more
      }),
    )
    return [output, status] as const
  })
}

/** The words of the first command, as echo would get them. */
const printed = (script: string): string => typed(script)[0]?.[0] ?? ''

const syntax = (text: string): string => {
  const parsed = parseScript(text)
  return parsed.ok ? 'fine' : `${parsed.error.line}:${parsed.error.column}: ${parsed.error.message}`
}

describe('a script', () => {
  test.each(real)('does what bash and the real tools do: $script', ({ script, stdout, stderr, status }) => {
    const { k } = boot(nfit, {})
    let output = ''
    let errors = ''
    const code = run(
      wholeShell.console().run(k, script, (more, stream) => {
        if (stream === 1) output += more
        else errors += more
      }),
    )
    expect({ stdout: output, stderr: errors, status: code }).toEqual({ stdout, stderr, status })
  })

  test('any text in single quotes comes back as it was, in double quotes with backslashes too', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\0', '')),
        (word) => {
          expect(printed(`printf '%s' '${word.replaceAll("'", "'\\''")}'`)).toBe(word)
          expect(printed(`printf '%s' "${word.replace(/["$`\\]/g, '\\$&')}"`)).toBe(word)
        },
      ),
      { numRuns: runs(60) },
    )
  })

  test('no text makes the parser throw, and a mistake has a place in the text', () => {
    const piece = fc.constantFrom(
      ...'|&;<>()$`"\'\\{}!#= \n'.split(''),
      'if ',
      'then ',
      'fi ',
      'do ',
      'done ',
      'a',
      '$(',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          const parsed = parseScript(text)
          if (parsed.ok) return
          const { line, column } = parsed.error
          const lines = text.split('\n')
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
        },
      ),
      { numRuns: runs(1000) },
    )
  })

  test.each([
    ['a | | b', "1:5: syntax error near unexpected token `|'"],
    ['a\nb `c`', '1:1: '],
    ["a\necho 'b", "2:6: missing closing '"],
    ['echo 1 >\n', "1:9: syntax error near unexpected token `newline'"],
    ['echo $((1))', '1:6: not supported in the shell: $((…))'],
    ['case a in', '1:1: not supported in the shell: case'],
    ['sleep 1 &', '1:9: not supported in the shell: &'],
    ['if true; then', '1:14: syntax error: unexpected end of the script'],
    ['echo $(true', '1:12: missing closing )'],
  ])('%j is refused at its place', (text, message) => {
    expect(syntax(text)).toContain(message === '1:1: ' ? '2:3: not supported in the shell: `…`' : message)
  })

  test('a pattern that other matchers take for ever over takes no time', () => {
    expect(printed(`printf '%s' ${'a'.repeat(2000)} | grep -c -E '(a*)*(a*)*b'`)).toBe('0\n')
  })

  test('a word that doubles itself again and again is given up', () => {
    const [[output, status] = ['', 0]] = typed('x=xxxxxxxxxxxxxxxx; for i in $(seq 40); do x=$x$x; done')
    expect([output, status]).toEqual(['bash: a word is too long\n', 1])
  })
})

describe('files', () => {
  test('are read and written through sysfs, by links too', () => {
    const { output, problem } = setup(
      `echo 'write through' > /sys/block/pmem0/queue/write_cache
       cat /sys/class/block/pmem0/queue/write_cache /sys/bus/nd/devices/region0/size`,
    )
    expect(problem).toBeUndefined()
    expect(output).toBe('write through\n268435456\n')
  })

  test.each([
    ['echo on > /sys/block/pmem0/queue/write_cache', 'bash: echo: write error: Invalid argument'],
    ['echo 2 > /sys/block/pmem0/dax/write_cache', 'bash: echo: write error: Invalid argument'],
    ['echo 1 > /sys/bus/nd/devices/region0/size', 'bash: /sys/bus/nd/devices/region0/size: Permission denied'],
    ['echo 1 > /sys/new', 'bash: /sys/new: Permission denied'],
    ['cat /sys/bus/nd/devices/region7/size', 'cat: /sys/bus/nd/devices/region7/size: No such file or directory'],
    ['cat /sys/bus/nd/devices/dax0.0/size', 'cat: /sys/bus/nd/devices/dax0.0/size: No such device or address'],
    ['cat /sys/bus/nd/devices', 'cat: /sys/bus/nd/devices: Is a directory'],
    ['hexdump -C < /dev/nmem0', 'hexdump: stdin: Invalid argument\nhexdump: all input file arguments failed'],
    ['echo nmem7 > /sys/bus/nd/drivers/nvdimm/unbind', 'bash: echo: write error: No such device'],
    ['frobnicate', 'bash: frobnicate: command not found'],
    ['[ 1 = 2 ]', '[: exit status 1'],
  ])('%s ends the setup', (line, message) => {
    expect(setup(`\n${line}\necho never`)).toEqual({ output: '', errors: '', problem: { line: 11, message } })
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

  test('ls shows devices as links, attributes with their modes, nodes with their numbers', () => {
    const [[links] = [''], [attribute] = [''], [nodes] = ['']] = typed(
      'ls -l /sys/bus/nd/devices | grep namespace0.0',
      'ls -l /sys/bus/nd/devices/region0/read_only /sys/bus/nd/devices/region0/size',
      'ls -l /dev',
    )
    expect(links).toMatch(
      /^lrwxrwxrwx 1 root root 0 Jan {2}1 00:00 namespace0\.0 -> \.\.\/\.\.\/\.\.\/devices\/.*\/namespace0\.0\n$/,
    )
    expect(attribute).toMatch(/^-rw-r--r-- 1 root root 4096 .*read_only\n-r--r--r-- 1 root root 4096 .*size\n$/)
    expect(nodes).toBe(
      `total 0
crw------- 1 root root 246, 0 Jan  1 00:00 ndctl0
crw------- 1 root root 245, 0 Jan  1 00:00 nmem0
crw-rw-rw- 1 root root   1, 3 Jan  1 00:00 null
brw-rw---- 1 root root 259, 0 Jan  1 00:00 pmem0
crw-rw-rw- 1 root root   1, 5 Jan  1 00:00 zero
`,
    )
  })

  test('patterns find names in folders; a folder and variables stay from one command to the next', () => {
    expect(
      typed(
        'cd /sys/bus/nd/devices/region0; size=$(cat size)',
        'pwd; echo $size $?',
        'grep . /sys/bus/nd/devices/*[mn]*0/devtype',
        'exit 3',
        'echo still $?',
      ),
    ).toEqual([
      ['', 0],
      ['/sys/bus/nd/devices/region0\n268435456 0\n', 0],
      [
        `/sys/bus/nd/devices/namespace0.0/devtype:nd_namespace_io
/sys/bus/nd/devices/nmem0/devtype:nvdimm
/sys/bus/nd/devices/pfn0.0/devtype:nd_pfn
/sys/bus/nd/devices/region0/devtype:nd_pmem
`,
        0,
      ],
      ['', 3],
      ['still 3\n', 0],
    ])
  })
})

describe('a setup', () => {
  test('ends with the command that fails, unless somebody looks at its status', () => {
    const { output, errors, problem } = setup('cat /a || echo one; ! true\nif cat /b; then :; fi\ncat /c\necho two')
    expect(output).toBe('one\n')
    expect(errors).toBe('cat: /a: No such file or directory\ncat: /b: No such file or directory\n')
    expect(problem).toEqual({ line: 12, message: 'cat: /c: No such file or directory' })
  })

  test('of ndctl alone is plain: the small shell does the same', () => {
    const line = 'ndctl create-namespace -e namespace0.0 -f -m devdax -M mem'
    expect(isPlain(`# a comment\n${line}\n\n`)).toBe(true)
    expect(isPlain(`${line}; true`)).toBe(false)
    expect(setup(line)).toEqual(setup(`${line} # whole`))
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
    ['ndctl frob', "Unknown command: 'frob'"],
    ['ndctl list --frob', "  Error: unknown option `frob'\n\n usage: ndctl list [<options>]"],
    ['ndctl create-namespace --frob', "  Error: unknown option `frob'\n\n usage: ndctl create-namespace [<options>]"],
    [
      'ndctl create-namespace -fe namespace0.0 -m devdax -a 3M',
      '  Error: align must be a power-of-2 greater than 4096\n\n\n usage: ndctl create-namespace [<options>]',
    ],
  ])('%s', (line, message) => {
    expect(setup(line).problem).toEqual({ line: 10, message })
  })
})
