import { expect, test } from 'vitest'
import { COMMANDS } from '../engine/userspace/shell/commands.ts'
import { dmsetupCommands } from '../engine/userspace/shell/dmsetup/dmsetup.ts'
import { wholeNdctlCommands } from '../engine/userspace/shell/ndctl/all.ts'
import { CREATE_OPTIONS } from '../engine/userspace/shell/ndctl/create-options.ts'
import { scenarioKeys } from '../scenario/schema.ts'
import type { Key, Type } from '../scenario/types.ts'
import { isInner, known, wordsOf } from './known.ts'
import { commandWords, dmsetupCommandWords, ndctlCommandWords, ndctlWords } from './words/shell.ts'

const OPERATION = /^(?:_mm|_movdir|__builtin_|__sync_|__atomic_|atomic_(?!\w+_t$))/

test('every function of every header, every intrinsic and every builtin has a text', () => {
  const names = [...known()].filter(
    ([name, { kind, title }]) => !isInner(name) && (kind === 'function' || (OPERATION.test(name) && /\(/.test(title))),
  )
  expect(names.length).toBeGreaterThan(400)
  expect(names.map(([name]) => name).filter((name) => wordsOf(name) === undefined)).toEqual([])
})

test('what decides about persistence says so', () => {
  expect(wordsOf('_mm_clwb')).toMatch(/persistence domain/)
  expect(wordsOf('_mm256_stream_si256')).toMatch(/sfence/)
  expect(wordsOf('__atomic_fetch_add')).toMatch(/old value.*written back/)
  expect(wordsOf('memcpy')).toMatch(/written back/)
})

test('declarations are told as the header has them', () => {
  expect(known().get('_mm_clwb')).toEqual({
    kind: 'function',
    title: 'void _mm_clwb(const void *p)',
    header: 'immintrin.h',
  })
  expect(known().get('qsort')?.title).toMatch(/^void qsort\(void \*base/)
  expect(known().get('O_RDWR')).toEqual({ kind: 'macro', title: 'O_RDWR 2', header: 'fcntl.h' })
})

test('every key of the front matter has a line of help', () => {
  const missing: string[] = []
  const walk = (type: Type<unknown>, path: string): void => {
    for (const [name, { type: inner, summary }] of Object.entries<Key<unknown>>(type.keys ?? {})) {
      if (summary === '') missing.push(path + name)
      walk(inner, `${path}${name}.`)
    }
    if (type.item !== undefined) walk(type.item, `${path}0.`)
  }
  walk(scenarioKeys, '')
  expect(missing).toEqual([])
})

test('every command of the setup shell has a text, and every command and option of ndctl', () => {
  expect(COMMANDS.filter((name) => !commandWords.has(name))).toEqual([])
  expect(CREATE_OPTIONS.filter(({ long }) => !ndctlWords.has(long))).toEqual([])
  expect([...ndctlCommandWords.keys()].sort()).toEqual([...wholeNdctlCommands].sort())
  expect([...dmsetupCommandWords.keys()].sort()).toEqual([...dmsetupCommands].sort())
})
