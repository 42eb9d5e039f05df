import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('a mistyped word finds the one that was meant', () => {
  expect(nearest('polcy', ['kernel', 'policy'])).toBe('policy')
  expect(nearest('lzay', ['eager', 'lazy'])).toBe('lazy')
  expect(nearest('TITLE', ['title'])).toBe('title')
})

test('a word that is far from all finds none', () => {
  expect(nearest('bogus', ['kernel', 'policy'])).toBeUndefined()
  expect(nearest('', ['kernel'])).toBeUndefined()
})

test('a swap of neighbours is one mistake', () => {
  expect(nearest('ab', ['ba'])).toBe('ba')
})
