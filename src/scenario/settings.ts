/** Settings from outside the text: `machine.policy=eager` changes a key of the front matter before it is read. */

import { err, ok, type Result } from '../base/result.ts'
import { isNothing, pairOf, type YamlNode, type YamlScalar } from './yaml/node.ts'
import { DEPTH_LIMIT, parseYaml } from './yaml/read.ts'

export interface Setting {
  /** Dotted path of the key: "machine.nvdimms.0.size". */
  readonly path: string
  /** YAML text of the value. */
  readonly value: string
  /** How the person wrote it, for messages: "--set machine.policy=eager". */
  readonly spelled: string
}

/** The root of the front matter with `setting` in it; the root given stays as it is. */
export function applySetting(root: YamlNode | undefined, setting: Setting): Result<YamlNode, string> {
  const keys = setting.path.split('.')
  if (keys.length > DEPTH_LIMIT || keys.some((key) => key === '')) {
    return err('expected KEY=VALUE with a key such as machine.policy')
  }
  const { root: value, errors, refused } = parseYaml(setting.value, 0, setting.value)
  const wrong = errors[0] ?? refused[0]
  if (wrong !== undefined) return err(wrong.message)
  return placed(root === undefined || isNothing(root) ? EMPTY_MAP : root, keys, value ?? outside(null))
}

const EMPTY_MAP: YamlNode = { kind: 'map', at: undefined, items: [] }
const EMPTY_SEQ: YamlNode = { kind: 'seq', at: undefined, items: [] }

const outside = (value: string | null): YamlScalar => ({
  kind: 'scalar',
  at: undefined,
  value,
  source: value ?? '',
  style: 'quoted',
})

/** `old` with `value` under `keys`; maps and lists that are missing on the way are made. */
function placed(old: YamlNode | undefined, keys: readonly string[], value: YamlNode): Result<YamlNode, string> {
  const [key, ...rest] = keys
  if (key === undefined) return ok(value)
  const at = old === undefined || isNothing(old) ? (isIndex(key) ? EMPTY_SEQ : EMPTY_MAP) : old
  if (at.kind === 'map') {
    const pair = pairOf(at, key)
    const child = placed(pair?.value, rest, value)
    if (!child.ok) return child
    const changed = { key: pair?.key ?? outside(key), value: child.value }
    const items = pair === undefined ? [...at.items, changed] : at.items.map((item) => (item === pair ? changed : item))
    return ok({ ...at, items })
  }
  if (at.kind === 'seq') {
    const index = Number(key)
    if (!/^\d{1,3}$/.test(key) || index > at.items.length) {
      return err(`\`${key}\` is no item of a list of ${at.items.length}: expected 0 … ${at.items.length}`)
    }
    const child = placed(at.items[index], rest, value)
    if (!child.ok) return child
    const items = [...at.items]
    items[index] = child.value
    return ok({ ...at, items })
  }
  return err(`what stands before \`${key}\` has no keys`)
}

const isIndex = (key: string): boolean => /^\d+$/.test(key)
