/** cat and echo. */

import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { readText, strerror } from './files.ts'
import { done, failed } from './tool.ts'

export const cat = kfunc('shell: coreutils/cat.c', function* cat(k: Kernel, args: readonly string[]) {
  let output = ''
  for (const path of args) {
    const text = yield* readText(k, path)
    if (typeof text === 'number') return failed(`cat: ${path}: ${strerror(text)}`)
    output += text
  }
  return args.length === 0 ? failed('cat: there is no standard input to read') : done(output)
})

export const echo = kfunc('shell: echo', function* echo(_k: Kernel, args: readonly string[]) {
  yield* []
  const bare = args[0] === '-n'
  return done(args.slice(bare ? 1 : 0).join(' ') + (bare ? '' : '\n'))
})
