/** A litmus test's text to a `LitmusTest`, in either syntax: the text itself tells which. */

import type { Diagnostic } from '../../base/diagnostic.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { LitmusTest } from '../../engine/litmus/test.ts'
import { otherArchitecture } from './herd/header.ts'
import { parseHerd } from './herd/parse.ts'
import { LIMITS } from './limits.ts'
import { isHerd } from './looks-like.ts'
import { parseOwn } from './own/parse.ts'
import { Problems } from './problems.ts'

/** Any field that our own format must have. */
const FIELD = /^[^\S\n]*(?:thread[^\n:]*|crash|end-crash|final|eadr|verdict|name|layout|init)[^\S\n]*:/im

/** A test, and what is strange in its text. */
export interface LitmusText extends LitmusTest {
  readonly warnings: readonly Diagnostic[]
}

/** `nameHint` names a test that does not name itself: the file's name. */
export function parseLitmus(text: string, nameHint = 'litmus'): Result<LitmusText, readonly Diagnostic[]> {
  const problems = new Problems()
  const start = { text: '', line: 1, column: 1 }
  const test = read()
  return test === undefined || problems.any ? err(problems.inOrder()) : ok({ ...test, warnings: problems.warnings })

  function read(): LitmusTest | undefined {
    if (text.length > LIMITS.characters) {
      return problems.at(
        start,
        `a litmus test has at most ${LIMITS.characters} characters, and this has ${text.length}`,
      )
    }
    if (text.trim() === '') return problems.at(start, 'the file is empty')
    const other = otherArchitecture(text)
    if (other !== undefined) return problems.at(start, `this is a test for ${other}: only X86 and X86_64 are read`)
    if (isHerd(text)) return parseHerd(text, nameHint, problems)
    if (FIELD.test(text)) return parseOwn(text, nameHint, problems)
    const hint =
      'fields such as `thread 0: store x 1`, or a test in the syntax of herd that begins with X86_64 and its name'
    return problems.at(start, 'this is no litmus test', hint)
  }
}
