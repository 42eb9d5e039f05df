/** Commands that a shell carries out itself: echo, printf, test, cd, pwd, export, unset, true, false, exit. */

import { sys_newfstatat } from '../../linux/fs/readdir.ts'
import type { Stat } from '../../linux/include/linux/fs.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { escapes, formatted } from './printf.ts'
import { absolute, type Surroundings } from './session.ts'
import { done, failed, type Outcome } from './tool.ts'

const BASH = 'shell: bash'

export const echo = kfunc(BASH, function* echo(_k: Kernel, args: readonly string[]) {
  yield* []
  let from = 0
  let newline = true
  let backslashes = false
  for (; /^-[neE]+$/.test(args[from] ?? ''); from++)
    for (const letter of args[from] as string) {
      if (letter === 'n') newline = false
      if (letter === 'e') backslashes = true
      if (letter === 'E') backslashes = false
    }
  const text = args.slice(from).join(' ')
  if (!backslashes) return done(text + (newline ? '\n' : ''))
  const { bytes, stopped } = escapes(text, 'echo')
  return done(bytes + (newline && !stopped ? '\n' : ''))
})

export const printf = kfunc(BASH, function* printf(_k: Kernel, args: readonly string[]) {
  yield* []
  const [format, ...rest] = args[0] === '--' ? args.slice(1) : args
  if (format === undefined) return failed('printf: usage: printf [-v var] format [arguments]', 2)
  const { output, errors } = formatted(format, rest)
  return { output, error: errors.join('\n'), status: errors.length === 0 ? 0 : 1 } as Outcome
})

export const yes = kfunc(BASH, function* true_builtin() {
  yield* []
  return done('')
})

export const no = kfunc(BASH, function* false_builtin() {
  yield* []
  return failed('')
})

export const pwd = kfunc(BASH, function* pwd(_k: Kernel, _args: readonly string[], { session }: Surroundings) {
  yield* []
  return done(`${session.folder}\n`)
})

export const cd = kfunc(BASH, function* cd(k: Kernel, args: readonly string[], { session }: Surroundings) {
  const [to = '/'] = args
  if (args.length > 1) return failed('bash: cd: too many arguments')
  const path = absolute(session, to)
  const stat = yield* sys_newfstatat(entering(k), path, true)
  if (typeof stat === 'number') return failed(`bash: cd: ${to}: ${strerror(stat)}`)
  if (stat.kind !== 'folder') return failed(`bash: cd: ${to}: Not a directory`)
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  session.folder = `/${parts.join('/')}`
  return done('')
})

export const exportVariable = kfunc(
  BASH,
  function* export_builtin(_k: Kernel, args: readonly string[], { session }: Surroundings) {
    yield* []
    for (const arg of args) {
      const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(arg) ?? []
      if (name === undefined) return failed(`bash: export: \`${arg}': not a valid identifier`)
      if (value !== undefined) session.variables.set(name, value)
    }
    return done('')
  },
)

export const unset = kfunc(BASH, function* unset(_k: Kernel, args: readonly string[], { session }: Surroundings) {
  yield* []
  for (const name of args) session.variables.delete(name)
  return done('')
})

export const exit = kfunc(BASH, function* exit_builtin(_k: Kernel, args: readonly string[], { session }: Surroundings) {
  yield* []
  const [code] = args
  if (code !== undefined && !/^\d{1,9}$/.test(code)) return failed(`bash: exit: ${code}: numeric argument required`, 2)
  session.status = code === undefined ? session.status : Number(code) & 255
  session.over = true
  return done('')
})

type Verdict = boolean | { readonly problem: string }

/** `[` wants its bracket. */
function* tested(
  k: Kernel,
  name: 'test' | '[',
  args: readonly string[],
  { session }: Surroundings,
): Generator<Request, Outcome, unknown> {
  const words = [...args]
  if (name === '[' && words.pop() !== ']') return failed("bash: [: missing `]'", 2)
  const stats = new Map<string, Stat | number>()
  for (const [index, word] of words.entries()) {
    const operator = words[index - 1] ?? ''
    if (!/^-[edfhLrwxsbc]$/.test(operator)) continue
    const follow = operator !== '-h' && operator !== '-L'
    stats.set(word, yield* sys_newfstatat(entering(k), absolute(session, word), follow))
  }
  const verdict = judge(words, (path) => {
    const stat = stats.get(path)
    return typeof stat === 'number' ? undefined : stat
  })
  if (typeof verdict === 'object') return failed(`bash: ${name}: ${verdict.problem}`, 2)
  return verdict ? done('') : failed('')
}

export const test = kfunc(BASH, function* test(k: Kernel, args: readonly string[], around: Surroundings) {
  return yield* tested(k, 'test', args, around)
})
export const bracket = kfunc(BASH, function* bracket(k: Kernel, args: readonly string[], around: Surroundings) {
  return yield* tested(k, '[', args, around)
})

type StatOf = (path: string) => Stat | undefined

function judge(words: readonly string[], stat: StatOf): Verdict {
  for (const operator of ['-o', '-a']) {
    const at = words.length > 3 ? words.indexOf(operator, 1) : -1
    if (at < 0) continue
    const left = judge(words.slice(0, at), stat)
    const right = judge(words.slice(at + 1), stat)
    if (typeof left === 'object') return left
    if (typeof right === 'object') return right
    return operator === '-o' ? left || right : left && right
  }
  const [first = '', second = '', third = ''] = words
  if (first === '!' && words.length > 1 && !(words.length === 3 && isBinary(second))) {
    const rest = judge(words.slice(1), stat)
    return typeof rest === 'object' ? rest : !rest
  }
  if (words.length > 3) return { problem: 'too many arguments' }
  if (words.length === 3) return binary(first, second, third)
  if (words.length === 2) return unary(first, second, stat)
  return first !== ''
}

const isBinary = (word: string): boolean => /^(?:=|==|!=|<|>|-(?:eq|ne|lt|le|gt|ge))$/.test(word)

function binary(a: string, operator: string, b: string): Verdict {
  switch (operator) {
    case '=':
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '>':
      return a > b
  }
  if (!isBinary(operator)) return { problem: `${operator}: binary operator expected` }
  const bad = [a, b].find((text) => !/^\s*[+-]?\d+\s*$/.test(text))
  if (bad !== undefined) return { problem: `${bad}: integer expression expected` }
  const order = BigInt(a.trim().replace(/^\+/, '')) - BigInt(b.trim().replace(/^\+/, ''))
  const verdicts = {
    eq: order === 0n,
    ne: order !== 0n,
    lt: order < 0n,
    le: order <= 0n,
    gt: order > 0n,
    ge: order >= 0n,
  }
  return verdicts[operator.slice(1) as keyof typeof verdicts]
}

function unary(operator: string, word: string, stat: StatOf): Verdict {
  if (operator === '-n') return word !== ''
  if (operator === '-z') return word === ''
  if (!/^-[edfhLrwxsbc]$/.test(operator)) return { problem: `${operator}: unary operator expected` }
  const found = stat(word)
  if (found === undefined) return false
  switch (operator[1]) {
    case 'd':
      return found.kind === 'folder'
    case 'f':
      return found.kind === 'file'
    case 'h':
    case 'L':
      return found.kind === 'link'
    case 'b':
      return found.kind === 'block'
    case 'c':
      return found.kind === 'character'
    case 's':
      return found.size > 0
    case 'x':
      return (found.mode & 0o111) !== 0
    default:
      // Root may read and write whatever the bits say.
      return true
  }
}
