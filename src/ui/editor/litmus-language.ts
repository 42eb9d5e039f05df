/**
 * Litmus tests, for colours only: our own format, one field a line, and herd's, with threads side by side. The reader is
 * src/formats/litmus; what it refuses is underlined whatever its colour is.
 */

import { StreamLanguage, type StringStream } from '@codemirror/language'

/** Fields whose rest is prose. */
const PROSE = /^(name|shows|source|confidence|model)$/i
const INSTRUCTION =
  /^(?:lock|store|nt|load|mov\w*|xchg\w*|xadd\w*|faa|cas|cmpxchg\w*|clflush(?:opt)?|clwb|[slm]fence|add\w*|sub\w*|and\w*|or\w*|xor\w*|inc\w*|dec\w*|cmp\w*|test\w*|if(?:eq|ne)|goto|j[a-z]{1,3})\b/i
const QUESTION = /^(?:~?exists|forall|~?(?:end-|eadr-)?persists|allowed|forbidden)\b/i

interface Place {
  /** Nested comments that are open. */
  comments: number
  /** The rest of the line is for people. */
  prose: boolean
}

function token(stream: StringStream, place: Place): string | null {
  if (stream.sol()) place.prose = false
  if (place.prose) {
    stream.skipToEnd()
    return null
  }
  if (place.comments > 0 || stream.match('(*', false)) return comment(stream, place)
  if (stream.sol() && field(stream, place)) return 'processingInstruction'
  if (stream.eatSpace()) return null
  if (stream.match(/^#.*/)) return 'comment'
  if (stream.match(/^"[^"]*"?/)) return 'string'
  if (stream.match(QUESTION) || stream.match(INSTRUCTION)) return 'keyword'
  if (stream.match(/^\$?-?(?:0x[\da-f]+|\d+)\b(?!:)/i)) return 'number'
  if (!stream.match(/^[%\w.+-]+/)) stream.next()
  return null
}

/** "thread 0", "crash", or the first line of a herd test. */
function field(stream: StringStream, place: Place): boolean {
  if (stream.match(/^X86(?:_64)?\s/i)) return true
  const found = stream.match(/^[\w-]+(?:[^\S\n]+\d+)?(?:\[[^\]]*\])?(?=\s*:(?!\w))/)
  if (found === null || typeof found === 'boolean') return false
  place.prose = PROSE.test(found[0])
  return true
}

function comment(stream: StringStream, place: Place): string {
  while (!stream.eol()) {
    if (stream.match('(*')) place.comments++
    else if (stream.match('*)')) {
      place.comments--
      if (place.comments <= 0) break
    } else stream.next()
  }
  return 'comment'
}

export const litmusLanguage = StreamLanguage.define<Place>({
  name: 'litmus',
  startState: () => ({ comments: 0, prose: false }),
  copyState: (place) => ({ ...place }),
  token,
})
