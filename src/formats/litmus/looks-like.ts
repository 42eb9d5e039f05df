/** Is a text a litmus test rather than a scenario? A file of its own: it is asked of every text, the reader of few. */

/** A herd test of our architecture, behind comments and blanks. */
const HERD = /^\s*(?:X86_64|X86)(?![\w=:])/i
/** A comment that holds no other. */
const COMMENT = /\(\*(?:(?!\(\*|\*\))[\s\S])*\*\)|^[^\S\n]*#.*$/gm

export function isHerd(text: string): boolean {
  let head = text.slice(0, 10_000)
  for (let before = ''; before !== head; ) {
    before = head
    head = head.replace(COMMENT, '')
  }
  return HERD.test(head)
}

/** Cheap, and no promise that it can be read. */
export function looksLikeLitmus(text: string): boolean {
  if (/^\s*---/.test(text)) return false
  const head = text.slice(0, 100_000)
  if (isHerd(head)) return /\{/.test(head)
  const field = (key: string): boolean => new RegExp(`^[^\\S\\n]*${key}[^\\S\\n]*:`, 'im').test(head)
  return field('thread[^\\S\\n]*\\d+') && (field('(?:crash|end-crash|final|eadr)') || field('name') || field('verdict'))
}
