/** Commands that choose and change lines: grep, sort, uniq, cut, tr, seq. As GNU's behave in the C locale. */

import type { Result } from '../../../base/result.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { strerror } from './files.ts'
import { inputsOf, linesOf, optionsOf } from './options.ts'
import { expression, fixedPattern, type Pattern } from './pattern.ts'
import { escapes } from './printf.ts'
import type { Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

/** Bytes × characters of the pattern. */
const MOST_WORK = 20_000_000

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

export const grep = kfunc('shell: grep', function* grep(k: Kernel, args: readonly string[], around: Surroundings) {
  const options = optionsOf('grep', args, 'FEGivcnqslhHw', 'em')
  if (!options.ok) return failed(options.error, 2)
  const { flags, values, rest } = options.value
  const [source, ...paths] = values.has('e') ? [values.get('e') ?? '', ...rest] : rest
  if (source === undefined)
    return failed("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.", 2)
  const patterns: Pattern[] = []
  for (const one of source.split('\n')) {
    const made: Result<Pattern, string> = flags.has('F')
      ? { ok: true, value: fixedPattern(one, flags.has('i')) }
      : expression(one, flags.has('E'), flags.has('i'))
    if (!made.ok) return failed(`grep: ${made.error}`, 2)
    patterns.push(made.value)
  }
  const most = values.has('m') ? Number(values.get('m')) : Number.POSITIVE_INFINITY
  const named = flags.has('H') || (paths.length > 1 && !flags.has('h'))
  const errors: string[] = []
  let found = false
  let output = ''
  for (const { name, bytes } of yield* inputsOf(k, paths, around)) {
    const shown = name === '-' ? '(standard input)' : name
    if (typeof bytes === 'number') {
      if (!flags.has('s')) errors.push(`grep: ${name === '-' ? shown : name}: ${strerror(bytes)}`)
      continue
    }
    // What a pattern may cost at worst.
    if (bytes.length * source.length > MOST_WORK) return failed('grep: memory exhausted', 2)
    const prefix = named ? `${shown}:` : ''
    let count = 0
    for (const [index, line] of linesOf(bytes).entries()) {
      if (count >= most) break
      if (patterns.some((pattern) => pattern.within(line)) === flags.has('v')) continue
      count++
      if (!flags.has('c') && !flags.has('q') && !flags.has('l'))
        output += `${prefix}${flags.has('n') ? `${index + 1}:` : ''}${line}\n`
    }
    if (flags.has('c') && !flags.has('q')) output += `${prefix}${count}\n`
    if (flags.has('l') && count > 0) output += `${shown}\n`
    found ||= count > 0
  }
  const status = errors.length > 0 && !(found && flags.has('q')) ? 2 : found ? 0 : 1
  return { output, error: errors.join('\n'), status } as Outcome
})

export const sort = kfunc(
  'shell: coreutils/sort.c',
  function* sort(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('sort', args, 'nru')
    if (!options.ok) return failed(options.error, 2)
    const { flags, rest } = options.value
    const lines: string[] = []
    for (const { name, bytes } of yield* inputsOf(k, rest, around)) {
      if (typeof bytes === 'number') return failed(`sort: cannot read: ${name}: ${strerror(bytes)}`, 2)
      lines.push(...linesOf(bytes))
    }
    const value = (line: string): number => Number(/^\s*(-?\d+(?:\.\d+)?)/.exec(line)?.[1] ?? 0)
    const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
    const order = (a: string, b: string): number => (flags.has('n') ? value(a) - value(b) : plain(a, b))
    lines.sort((a, b) => (order(a, b) || (flags.has('u') ? 0 : plain(a, b))) * (flags.has('r') ? -1 : 1))
    return done(
      text(flags.has('u') ? lines.filter((line, i) => i === 0 || order(lines[i - 1] ?? '', line) !== 0) : lines),
    )
  },
)

export const uniq = kfunc(
  'shell: coreutils/uniq.c',
  function* uniq(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('uniq', args, 'cdu')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    const [input] = yield* inputsOf(k, rest.slice(0, 1), around)
    if (input === undefined || typeof input.bytes === 'number')
      return failed(`uniq: ${input?.name ?? '-'}: ${strerror(Number(input?.bytes ?? 0))}`)
    const groups: { line: string; count: number }[] = []
    for (const line of linesOf(input.bytes)) {
      const last = groups.at(-1)
      if (last?.line === line) last.count++
      else groups.push({ line, count: 1 })
    }
    const wanted = groups.filter(({ count }) => (!flags.has('d') || count > 1) && (!flags.has('u') || count === 1))
    return done(text(wanted.map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line))))
  },
)

/** "1,3-5,7-": undefined when it is no list. */
function listOf(list: string): ((index: number) => boolean) | undefined {
  const ranges: (readonly [number, number])[] = []
  for (const part of list.split(',')) {
    const [, low = '', dash = '', high = ''] = /^(\d{0,9})(-?)(\d{0,9})$/.exec(part) ?? []
    if (low === '' && high === '') return undefined
    ranges.push([Number(low || 1), dash === '' ? Number(low) : high === '' ? Number.POSITIVE_INFINITY : Number(high)])
  }
  return (index) => ranges.some(([low, high]) => index >= low && index <= high)
}

export const cut = kfunc(
  'shell: coreutils/cut.c',
  function* cut(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('cut', args, 's', 'dfcb')
    if (!options.ok) return failed(options.error)
    const { flags, values, rest } = options.value
    const list = values.get('f') ?? values.get('c') ?? values.get('b')
    const hint = "\nTry 'cut --help' for more information."
    if (list === undefined) return failed(`cut: you must specify a list of bytes, characters, or fields${hint}`)
    const takes = listOf(list)
    if (takes === undefined) return failed(`cut: invalid ${values.has('f') ? 'field' : 'byte/character'} range${hint}`)
    const delimiter = values.get('d') ?? '\t'
    if (delimiter.length !== 1) return failed(`cut: the delimiter must be a single character${hint}`)
    const errors: string[] = []
    const lines: string[] = []
    for (const { name, bytes } of yield* inputsOf(k, rest, around)) {
      if (typeof bytes === 'number') {
        errors.push(`cut: ${name}: ${strerror(bytes)}`)
        continue
      }
      for (const line of linesOf(bytes)) {
        if (!values.has('f')) lines.push([...line].filter((_, i) => takes(i + 1)).join(''))
        else if (line.includes(delimiter)) {
          const fields = line.split(delimiter).filter((_, i) => takes(i + 1))
          lines.push(fields.join(delimiter))
        } else if (!flags.has('s')) lines.push(line)
      }
    }
    return { output: text(lines), error: errors.join('\n'), status: errors.length === 0 ? 0 : 1 } as Outcome
  },
)

const CLASSES: Readonly<Record<string, string>> = {
  lower: 'a-z',
  upper: 'A-Z',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: '0-9A-Za-z',
  space: '\t-\r ',
  blank: '\t ',
}

/** "a-f[:digit:]" → its characters. */
function setOf(source: string): string {
  const plain = source.replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all)
  const { bytes } = escapes(plain, 'format')
  return bytes.replace(/(.)-(.)/gs, (_, low: string, high: string) => {
    let all = ''
    for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++) all += String.fromCharCode(code)
    return all
  })
}

export const tr = kfunc(
  'shell: coreutils/tr.c',
  function* tr(_k: Kernel, args: readonly string[], { stdin }: Surroundings) {
    yield* []
    const options = optionsOf('tr', args, 'dsc')
    if (!options.ok) return failed(options.error)
    const { flags, rest } = options.value
    const [one, two] = rest
    const hint = "\nTry 'tr --help' for more information."
    if (one === undefined) return failed(`tr: missing operand${hint}`)
    if (two === undefined && !flags.has('d') && !flags.has('s'))
      return failed(`tr: missing operand after '${one}'${hint}`)
    if (typeof stdin === 'number') return failed(`tr: read error: ${strerror(stdin)}`)
    const from = setOf(one)
    const to = setOf(two ?? '')
    const taken = (char: string): boolean => from.includes(char) !== flags.has('c')
    let output = ''
    let last = ''
    for (const char of stdin) {
      const mine = taken(char)
      if (mine && flags.has('d')) continue
      const at = flags.has('c') ? to.length - 1 : Math.min(from.indexOf(char), to.length - 1)
      const changed = mine && to !== '' ? (to[at] ?? char) : char
      const squeezed = flags.has('s') && changed === last && (to === '' ? mine : to.includes(changed))
      if (!squeezed) output += changed
      last = changed
    }
    return done(output)
  },
)

/** Numbers that seq prints at most. */
const MOST_NUMBERS = 100_000

export const seq = kfunc('shell: coreutils/seq.c', function* seq(_k: Kernel, args: readonly string[]) {
  yield* []
  const bad = args.find((arg) => !/^-?\d{1,15}$/.test(arg))
  if (bad !== undefined)
    return failed(`seq: invalid floating point argument: '${bad}'\nTry 'seq --help' for more information.`)
  const numbers = args.map(Number)
  const [first = 1, step = 1, last = 0] =
    numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers
  if (numbers.length === 0 || numbers.length > 3)
    return failed(
      `seq: ${numbers.length === 0 ? 'missing operand' : 'extra operand'}\nTry 'seq --help' for more information.`,
    )
  if (step === 0) return failed("seq: invalid Zero increment value: '0'\nTry 'seq --help' for more information.")
  if ((last - first) / step >= MOST_NUMBERS) return failed(`seq: more than ${MOST_NUMBERS} numbers`)
  const lines: string[] = []
  for (let at = first; step > 0 ? at <= last : at >= last; at += step) lines.push(String(at))
  return done(text(lines))
})
