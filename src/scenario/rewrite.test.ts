import { expect, test } from 'vitest'
import { rewriteScenario } from './rewrite.ts'

const rewrite = (text: string, path: string, value: string): string => {
  const result = rewriteScenario(text, [{ path, value, spelled: `--set ${path}=${value}` }])
  return result.ok ? result.value : `refused: ${result.error.map(({ message }) => message).join('; ')}`
}

test('a changed key keeps the comments and the C round it', () => {
  const text = '---\n# why\nkernel: v6.1 # new\nmachine: { cores: 2 }\n---\nint a;\r\n'
  expect(rewrite(text, 'machine.policy', 'eager')).toBe(
    '---\n# why\nkernel: v6.1 # new\nmachine: { cores: 2, policy: eager }\n---\nint a;\r\n',
  )
})

test('a plain value at the top is all that changes, or one line more', () => {
  const front = 'title:   A title   # wide\nmachine:\n  nvdimms: [{ size: 64M },  { size: 64M }]\n'
  expect(rewrite(`---\n${front}kernel: v6.1 # new\nsetup: |\n  true\n---\nint a;\n`, 'kernel', 'v4.12')).toBe(
    `---\n${front}kernel: v4.12 # new\nsetup: |\n  true\n---\nint a;\n`,
  )
  expect(rewrite(`---\n${front}---\nint a;\n`, 'kernel', 'v4.12')).toBe(`---\n${front}kernel: v4.12\n---\nint a;\n`)
  expect(rewrite('---\ntitle: a\nsetup: |\n  true\n---\n', 'title', 'b')).toBe('---\ntitle: b\nsetup: |\n  true\n---\n')
})

test('a plain C text gets a front matter', () => {
  expect(rewrite('int a;\n', 'machine.nvdimms.0.size', '16M')).toBe(
    '---\nmachine:\n  nvdimms:\n    - size: 16M\n---\nint a;\n',
  )
})

test('without settings the text is left as it is, mistakes and all', () => {
  expect(rewriteScenario('---\n[', [])).toEqual({ ok: true, value: '---\n[' })
})

test('a key that holds nothing yet gets what it needs', () => {
  expect(rewrite('---\nmachine: # later\n---\n', 'machine.cores', '2')).toMatch(/^---\nmachine:.*\n {2}cores: 2\n/)
  expect(rewrite('---\n# nothing\n---\n', 'machine.cores', '2')).toContain('machine:\n  cores: 2\n')
})

test('a text that cannot be read, or has no such place, is refused', () => {
  expect(rewrite('---\ntitle: "\n---\n', 'kernel', 'v6.1')).toContain('refused: YAML:')
  expect(rewrite('---\ntitle: &a x\n---\n', 'kernel', 'v6.1')).toBe('refused: the anchor `&a` is not read here')
  expect(rewrite('---\n- a\n---\n', 'kernel', 'v6.1')).toContain('refused: ')
  expect(rewrite('---\ntitle: a\n---\n', 'title.x', '1')).toBe('refused: what stands before `x` has no keys')
  expect(rewrite(`---\na: ${'['.repeat(999)}\n---\n`, 'title', 'x')).toContain('nested more than 64 deep')
})
