/**
 * A build plugin that writes opcodes as numbers: `case Op.add32:` becomes `case 4:`. Only cases that are literals give
 * the C machine's loop a jump table; a table of properties is compared one after the other, which is four times slower.
 */

import { readFileSync } from 'node:fs'
import { root } from './run.mjs'

const OPCODES = 'src/lang/c/opcode.ts'

/** @returns {import('vite').Plugin} */
export function opcodeLiterals() {
  const table = new Map()
  for (const [, name, number] of readFileSync(root + OPCODES, 'utf8').matchAll(/^ {2}(\w+): (\d+),$/gm)) {
    table.set(name, number)
  }
  return {
    name: 'opcode-literals',
    // Before TypeScript's own transformation takes the import's name away.
    enforce: 'pre',
    transform: (code, id) =>
      id.endsWith('.ts') && /import \{[^}]*\bOp\b[^}]*\} from '[^']*\/opcode\.ts'/.test(code)
        ? { code: code.replace(/\bOp\.(\w+)\b/g, (all, name) => table.get(name) ?? all), map: null }
        : undefined,
  }
}
