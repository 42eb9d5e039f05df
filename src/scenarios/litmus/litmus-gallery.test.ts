import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_MODEL } from '../../engine/explore/model.ts'
import { decide } from '../../engine/litmus/decide.ts'
import { looksLikeLitmus } from '../../formats/litmus/looks-like.ts'
import { parseLitmus } from '../../formats/litmus/parse.ts'
import { encode } from '../../share/link.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.litmus'))
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

describe.each(names)('%s', (name) => {
  const text = textOf(name)
  const parsed = parseLitmus(text)

  test('says in a sentence what it shows, and decides as it says', () => {
    expect(parsed.ok ? [] : parsed.error).toEqual([])
    if (!parsed.ok) return
    expect(parsed.value.shows).toMatch(/^[A-Za-z].{20,}\.$/)
    const decision = decide(parsed.value, { model: DEFAULT_MODEL, maxStates: 100_000 })
    expect(decision).toMatchObject({ verdict: parsed.value.verdict, complete: true })
  })

  test('is known as a litmus test, and fits into a link', async () => {
    expect(looksLikeLitmus(text)).toBe(true)
    const link = await encode({ text, interventions: [] })
    expect(link.ok && link.value.length).toBeLessThan(1_000)
  })
})

test('the README names every one', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect(names.filter((name) => !readme.includes(`litmus/${name}`))).toEqual([])
})
