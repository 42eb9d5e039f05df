import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseScenario } from '../scenario/parse.ts'
import { encode } from '../share/link.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.pmem'))
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

describe.each(names)('%s', (name) => {
  test('can be read, has a title and says what recovery expects', () => {
    const scenario = parseScenario(textOf(name))
    expect(scenario).toMatchObject({ ok: true })
    expect(scenario).not.toMatchObject({ value: { title: 'Untitled' } })
    expect(textOf(name)).toContain('int recover(void)')
  })

  test('fits into a link that can be sent anywhere', async () => {
    const link = await encode({ text: textOf(name), interventions: [] })
    expect(link.ok && link.value.length).toBeLessThan(2_000)
  })
})

test('the repaired scenario differs from the default one in the flush and fence of the record', () => {
  const lines = (name: string) => new Set(textOf(name).split('\n'))
  const before = lines('flag-before-record.pmem')
  const added = textOf('flag-after-record.pmem')
    .split('\n')
    .filter((line) => !before.has(line) && !line.startsWith('title:') && !line.includes('/*'))
  expect(added).toEqual(['  _mm_clwb(&log->record);'])
})
