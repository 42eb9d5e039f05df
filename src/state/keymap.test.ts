import { expect, test } from 'vitest'
import { COMMANDS } from './commands.ts'
import { commandFor, type KeyPress, type KeyUse } from './keymap.ts'

/** "⇧F10", "Ctrl k", "ArrowRight", "Comma/;": modifiers, code, and the sign on the cap where it differs. */
function press(text: string): KeyPress {
  const name = text.replace(/^(⇧|Ctrl |Alt )+/, '')
  const [, code = '', key = code] = /^(\w+|.)(?:\/(.+))?$/.exec(name) ?? []
  return {
    code: /^[a-z?]$/.test(code) ? `Key${code.toUpperCase()}` : code,
    key,
    shiftKey: text.includes('⇧'),
    ctrlKey: text.includes('Ctrl'),
    metaKey: false,
    altKey: text.includes('Alt'),
  }
}

const act = (key: string, use: KeyUse = 'nothing', letters = true): string | undefined =>
  commandFor(press(key), use, letters, COMMANDS)?.id

test('every key of the map leads to its command', () => {
  const keys = ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'F10', '⇧F10', 'F11', '⇧F11', 'F8', '⇧F8', 'F9']
  const more = ['Period/.', 'Comma/,', 'BracketLeft/[', 'BracketRight/]', 'Space/ ', 'Home', 'End', 'Backspace']
  const signs = ['p', '⇧Slash/?', 'Slash//', 'Ctrl k']
  expect(Object.fromEntries([...keys, ...more, ...signs].map((key) => [key, act(key)]))).toMatchInlineSnapshot(`
    {
      "ArrowDown": "into",
      "ArrowLeft": "over-back",
      "ArrowRight": "over",
      "ArrowUp": "out",
      "Backspace": "undo",
      "BracketLeft/[": "line-previous",
      "BracketRight/]": "line-next",
      "Comma/,": "micro-back",
      "Ctrl k": "palette",
      "End": "last",
      "F10": "over",
      "F11": "into",
      "F8": "continue",
      "F9": "breakpoint",
      "Home": "first",
      "Period/.": "micro",
      "Slash//": "palette",
      "Space/ ": "play",
      "p": "power",
      "⇧F10": "over-back",
      "⇧F11": "out",
      "⇧F8": "reverse",
      "⇧Slash/?": "help",
    }
  `)
})

test('keys that are a place act by place: the key right of M steps back on every layout', () => {
  expect(act('Comma/;')).toBe('micro-back')
  expect(act('Period/:')).toBe('micro')
})

test('in a text only F-keys and Ctrl combinations act', () => {
  expect(['p', 'ArrowRight', 'Backspace', 'Space/ ', 'Home'].map((key) => act(key, 'text'))).toEqual(
    Array.from({ length: 5 }, () => undefined),
  )
  expect(['F10', '⇧F8', 'F9', 'Ctrl k'].map((key) => act(key, 'text'))).toEqual([
    'over',
    'reverse',
    'breakpoint',
    'palette',
  ])
})

test('a slider keeps its arrows, a button its space, a dialog everything', () => {
  expect([act('ArrowRight', 'arrows'), act('End', 'arrows'), act('p', 'arrows')]).toEqual([
    undefined,
    undefined,
    'power',
  ])
  expect([act('Space/ ', 'press'), act('ArrowRight', 'press')]).toEqual([undefined, 'over'])
  expect(act('F10', 'everything')).toBeUndefined()
})

test('single letters can be switched off, arrows and F-keys stay', () => {
  expect(['p', 'Slash//', 'Comma/,', 'ArrowRight', 'F8'].map((key) => act(key, 'nothing', false))).toEqual([
    undefined,
    undefined,
    undefined,
    'over',
    'continue',
  ])
})

test('combinations of the browser are left alone', () => {
  expect([act('Alt ArrowLeft'), act('Ctrl ArrowRight'), act('Ctrl p')]).toEqual([undefined, undefined, undefined])
})

test('no two commands share a key, and every command has its own id', () => {
  const keys = COMMANDS.flatMap(({ keys }) => keys.map((key) => JSON.stringify(key)))
  expect(new Set(keys).size).toBe(keys.length)
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length)
})

test('Escape leaves a witness, also when single letters are switched off, and in a text it belongs to the text', () => {
  expect(act('Escape')).toBe('free-run')
  expect(act('Escape', 'arrows', false)).toBe('free-run')
  expect(act('Escape', 'text')).toBeUndefined()
})

test('Ctrl Z takes back an intervention, with Shift it brings it back, and in a text it belongs to the text', () => {
  expect(act('Ctrl z')).toBe('undo')
  expect(act('Ctrl ⇧z/Z')).toBe('redo')
  expect(act('Ctrl z', 'press')).toBe('undo')
  expect(act('Ctrl z', 'text')).toBeUndefined()
  expect(act('z')).toBeUndefined()
})
