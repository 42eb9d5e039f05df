/** C text → Program, or everything that is wrong with it. Never throws, whatever the text is. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { check } from './check.ts'
import type { Rare } from './context.ts'
import { emit } from './emit.ts'
import { type Headers, headers as usual } from './headers.ts'
import { MAX_TEXT } from './limits.ts'
import { parse } from './parser.ts'
import { preprocess } from './preprocessor.ts'
import { Problems } from './problems.ts'
import type { Program } from './program.ts'

/** `headers`: those that the program may include; `rare`: checks of what few programs use. */
export function compile(text: string, headers: Headers = usual, rare?: Rare): Result<Program, readonly Diagnostic[]> {
  const problems = new Problems()
  if (text.length > MAX_TEXT) {
    problems.error({ line: 1, column: 1, length: 1 }, `the program is longer than ${MAX_TEXT >> 20} MiB`)
    return err(problems.sorted())
  }
  const tokens = preprocess(text, problems, headers)
  const unit = check(parse(tokens, problems), problems, headers, rare)
  if (problems.any) return err(problems.sorted())
  const program = emit(unit, problems)
  return problems.any ? err(problems.sorted()) : ok(program)
}
