/** C text → Program, or everything that is wrong with it. Never throws, whatever the text is. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { check, newContext } from './check.ts'
import { emit } from './emit.ts'
import { headers as usual } from './headers.ts'
import { MAX_TEXT } from './limits.ts'
import { parse } from './parser.ts'
import { type Known, preprocess } from './preprocessor.ts'
import { Problems } from './problems.ts'
import type { Program } from './program.ts'

export function compile(text: string, known: Known = { headers: usual }): Result<Program, readonly Diagnostic[]> {
  const problems = new Problems()
  if (text.length > MAX_TEXT) {
    problems.error({ line: 1, column: 1, length: 1 }, `the program is longer than ${MAX_TEXT >> 20} MiB`)
    return err(problems.sorted())
  }
  const tokens = preprocess(text, problems, known)
  const unit = check(parse(tokens, problems), problems, newContext(problems, known))
  if (problems.any) return err(problems.sorted())
  const program = emit(unit, problems)
  return problems.any ? err(problems.sorted()) : ok(program)
}
