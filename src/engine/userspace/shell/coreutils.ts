/** Commands that read files: cat, head, tail, wc, tee; and sleep. As GNU coreutils 9 behave and word it. */

import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_write } from '../../linux/fs/read_write.ts'
import { timekeeping_advance } from '../../linux/kernel/time/timekeeping.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { packed } from './bytes.ts'
import { entering, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY, strerror } from './files.ts'
import { inputsOf, linesOf, optionsOf, readFile } from './options.ts'
import { absolute, type Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

const ended = (output: string, errors: readonly string[], status = 1): Outcome => ({
  output,
  error: errors.join('\n'),
  status: errors.length === 0 ? 0 : status,
})

export const cat = kfunc(
  'shell: coreutils/cat.c',
  function* cat(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('cat', args, 'nuv')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    const errors: string[] = []
    let output = ''
    for (const { name, bytes } of yield* inputsOf(k, rest, around))
      if (typeof bytes === 'number') errors.push(`cat: ${name}: ${strerror(bytes)}`)
      else output += bytes
    if (!flags.has('n')) return ended(output, errors)
    const whole = output.endsWith('\n') || output === ''
    const numbered = linesOf(output).map((line, i) => `${String(i + 1).padStart(6)}\t${line}`)
    return ended(numbered.join('\n') + (whole && numbered.length > 0 ? '\n' : ''), errors)
  },
)

/** "12", "12K", and what a sign in front means. */
function countOf(text: string): { readonly sign: string; readonly count: number } | undefined {
  const [, sign = '', digits, unit = ''] = /^([+-]?)(\d{1,12})([kKM]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  return { sign, count: Number(digits) * (unit === '' ? 1 : unit === 'M' ? 1 << 20 : 1024) }
}

const ends = (name: 'head' | 'tail') =>
  function* (k: Kernel, given: readonly string[], around: Surroundings) {
    // "head -3" is "head -n 3".
    const args = given.map((arg, index) => (index === 0 && /^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg))
    const options = optionsOf(name, args, 'qv', 'nc')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const unit = values.has('c') ? 'bytes' : 'lines'
    const wanted = countOf(values.get('c') ?? values.get('n') ?? '10')
    if (wanted === undefined)
      return failed(`${name}: invalid number of ${unit}: '${values.get('c') ?? values.get('n')}'`)
    const { sign, count } = wanted
    const errors: string[] = []
    let output = ''
    const paths = rest.length === 0 ? ['-'] : rest
    for (const path of paths) {
      const limit = name === 'head' && unit === 'bytes' && sign !== '-' ? Math.min(count, 1 << 20) : undefined
      const bytes = path === '-' ? around.stdin : yield* readFile(k, path, around, limit)
      if (typeof bytes === 'number') {
        const opened = bytes === -21 || bytes === -22 || bytes === -5 || bytes === -9
        const shown = path === '-' ? 'standard input' : path
        errors.push(
          opened
            ? `${name}: error reading '${shown}': ${strerror(bytes)}`
            : `${name}: cannot open '${path}' for reading: ${strerror(bytes)}`,
        )
        if (!opened || paths.length === 1) continue
      }
      const header = flags.has('v') || (paths.length > 1 && !flags.has('q'))
      if (header) output += `${output === '' ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`
      if (typeof bytes === 'number') continue
      const units = unit === 'bytes' ? [...bytes] : (bytes.match(/[^\n]*\n|[^\n]+$/g) ?? [])
      const from = name === 'head' ? 0 : sign === '+' ? Math.max(0, count - 1) : Math.max(0, units.length - count)
      const to = name === 'tail' ? units.length : sign === '-' ? Math.max(0, units.length - count) : count
      output += units.slice(from, to).join('')
    }
    return ended(output, errors)
  }

const headOf = ends('head')
const tailOf = ends('tail')

export const head = kfunc(
  'shell: coreutils/head.c',
  function* head(k: Kernel, args: readonly string[], around: Surroundings) {
    return yield* headOf(k, args, around)
  },
)

export const tail = kfunc(
  'shell: coreutils/tail.c',
  function* tail(k: Kernel, args: readonly string[], around: Surroundings) {
    return yield* tailOf(k, args, around)
  },
)

export const wc = kfunc(
  'shell: coreutils/wc.c',
  function* wc(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('wc', args, 'lwcm')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    const errors: string[] = []
    const rows: { readonly counts: readonly number[]; readonly name: string }[] = []
    const chosen = ['l', 'w', 'c'].map(
      (letter) => flags.size === 0 || flags.has(letter) || (letter === 'c' && flags.has('m')),
    )
    for (const { name, bytes } of yield* inputsOf(k, rest, around)) {
      if (typeof bytes === 'number') {
        errors.push(`wc: ${name === '-' ? "'standard input'" : name}: ${strerror(bytes)}`)
        if (bytes !== -21) continue
      }
      const text = typeof bytes === 'number' ? '' : bytes
      const counts = [text.split('\n').length - 1, text.match(/[^\s]+/g)?.length ?? 0, text.length]
      rows.push({ counts: counts.filter((_, i) => chosen[i]), name })
    }
    if (rest.length > 1) {
      const width = rows[0]?.counts.length ?? chosen.filter(Boolean).length
      const counts = Array.from({ length: width }, (_, i) => rows.reduce((sum, row) => sum + (row.counts[i] ?? 0), 0))
      rows.push({ counts, name: 'total' })
    }
    // Columns are as wide as the largest number; of a pipe, and of files that are no plain ones, seven.
    const single = rows.length === 1 && rows[0]?.counts.length === 1
    const width = single ? 1 : 7
    const output = rows.map(({ counts, name }) => {
      const columns = counts.map((count) => String(count).padStart(width)).join(' ')
      return `${columns}${rest.length === 0 ? '' : ` ${name}`}\n`
    })
    return ended(output.join(''), errors)
  },
)

export const tee = kfunc(
  'shell: coreutils/tee.c',
  function* tee(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('tee', args, 'ai')
    if (!options.ok) return failed(options.error)
    const { stdin, session } = around
    if (typeof stdin === 'number') return failed(`tee: 'standard input': ${strerror(stdin)}`)
    const errors: string[] = []
    for (const path of options.value.rest) {
      const fd = yield* sys_openat(
        entering(k),
        absolute(session, path),
        O_WRONLY | O_CREAT | (options.value.flags.has('a') ? O_APPEND : O_TRUNC),
      )
      if (fd < 0) {
        errors.push(`tee: ${path}: ${strerror(fd)}`)
        continue
      }
      const count = stdin === '' ? 0 : yield* sys_write(entering(k), fd, packed(stdin))
      if (count < 0) errors.push(`tee: ${path}: ${strerror(count)}`)
      yield* sys_close(entering(k), fd)
    }
    return ended(stdin, errors)
  },
)

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

export const sleep = kfunc('shell: coreutils/sleep.c', function* sleep(k: Kernel, args: readonly string[]) {
  yield* []
  if (args.length === 0) return failed("sleep: missing operand\nTry 'sleep --help' for more information.")
  let nsec = 0
  for (const arg of args) {
    const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})([smhd]?)$/.exec(arg) ?? []
    if (number === undefined)
      return failed(`sleep: invalid time interval '${arg}'\nTry 'sleep --help' for more information.`)
    nsec += Number(number) * (UNITS[unit] ?? 1) * 1e9
  }
  timekeeping_advance(k, BigInt(Math.round(nsec)))
  return done('')
})
