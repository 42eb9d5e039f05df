/** The colours of tokens.css, measured as WCAG 2.2 does: contrast of letters and graphics in both themes. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const block = (selector: string): ReadonlyMap<string, string> => {
  const start = css.indexOf(`${selector} {`)
  const body = css.slice(start, css.indexOf('\n}', start))
  return new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))
}
const light = block(':root')
const dark = new Map([...light, ...block(':root[data-theme="dark"]')])

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const stages = ['store-buffer', 'dirty', 'wc', 'flight', 'wpq', 'media', 'lost']
const text = [
  ...['ink', 'muted', 'accent', 'danger', 'good'].flatMap((ink) => ['panel', 'sunken'].map((ground) => [ink, ground])),
  ['ink', 'accent-soft'],
  ['muted', 'accent-soft'],
  ['danger', 'danger-soft'],
  ['muted', 'danger-soft'],
  ['good', 'good-soft'],
  ['accent-ink', 'accent'],
  ['danger-ink', 'danger'],
  ...stages.map((stage) => [`st-${stage}`, 'panel']),
  ...stages.slice(0, -1).map((stage) => ['on-stage', `st-${stage}`]),
  ...['keyword', 'name', 'value', 'comment'].flatMap((name) =>
    ['panel', 'accent-soft', 'danger-soft'].map((ground) => [`syntax-${name}`, ground]),
  ),
]

test.each([
  ['light', light],
  ['dark', dark],
])('every letter of the %s theme stands out 4.5 : 1', (_, theme) => {
  const weak = text.flatMap(([ink = '', ground = '']) => {
    const ratio = contrast(theme.get(ink) ?? '', theme.get(ground) ?? '')
    return ratio >= 4.5 ? [] : [`${ink} on ${ground}: ${ratio.toFixed(2)}`]
  })
  expect(weak).toEqual([])
})
