import { describe, expect, test } from 'vitest'
import { CLASSES, NOTES, ORDER, ORDER_CELLS, takesEffectAtIssue } from './isa.ts'

describe('the ordering table', () => {
  test('has a cell for every pair, each with an order and a source that is explained', () => {
    expect(ORDER_CELLS).toHaveLength(CLASSES.length ** 2)
    for (const { older, younger, order, note } of ORDER_CELLS) {
      expect(['always', 'line', 'bytes', 'never'], `${older} before ${younger}`).toContain(order)
      expect(NOTES[note], `the source of ${older} before ${younger}`).toBeDefined()
      expect(ORDER[older][younger]).toBe(order)
    }
  })

  test('explains no source that no cell names', () => {
    const named = new Set(ORDER_CELLS.map((cell) => cell.note))
    expect(Object.keys(NOTES).filter((note) => !named.has(note))).toEqual([])
  })

  test('marks the cells that are our own choice', () => {
    const chosen = ORDER_CELLS.filter((cell) => NOTES[cell.note]?.choice).map((cell) => `${cell.older} ${cell.younger}`)
    expect(chosen).toEqual([
      'store lfence',
      'sfence lfence',
      'flushopt movnt',
      'flushopt lfence',
      'clflush movnt',
      'clflush lfence',
      'movnt clflush',
      'movnt lfence',
    ])
  })

  test('lets stores, flushes, sfence and movnt wait in the buffer, and nothing else', () => {
    expect(CLASSES.filter((kind) => !takesEffectAtIssue(ORDER, kind))).toEqual([
      'store',
      'sfence',
      'flushopt',
      'clflush',
      'movnt',
    ])
  })
})
