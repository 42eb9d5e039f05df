import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { opcodeLiterals } from '../scripts/opcode-literals.mjs'
import { Op } from '../src/lang/c/opcode.ts'

const VM = 'src/engine/userspace/vm/vm.ts'

/** What the plugin makes of a file's text. */
function transformed(text: string, id: string): string | undefined {
  const { transform } = opcodeLiterals()
  if (typeof transform !== 'function') throw new Error('the plugin has a transform function')
  const result = transform.call({} as never, text, id)
  return (result as { code: string } | undefined)?.code
}

test('the build writes every opcode of the C machine as its number, so that its loop has a jump table', () => {
  const text = readFileSync(VM, 'utf8')
  const code = transformed(text, VM) ?? ''
  expect(text).toContain('case Op.add64:')
  expect(code).toContain(`case ${Op.add64}:`)
  expect(code).not.toMatch(/\bOp\.\w/)
})

test('files without opcodes stay as they are', () => {
  expect(transformed("import { Op } from './elsewhere.ts'\nOp.add64", 'a.ts')).toBeUndefined()
})
