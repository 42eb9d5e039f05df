/** Settings from outside the text: `machine.policy=eager` changes a key of the front matter before it is read. */

import { isMap, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { err, ok, type Result } from '../base/result.ts'
import { parseYaml } from './yaml.ts'

export interface Setting {
  /** Dotted path of the key: "machine.nvdimms.0.size". */
  readonly path: string
  /** YAML text of the value. */
  readonly value: string
  /** How the person wrote it, for messages: "--set machine.policy=eager". */
  readonly spelled: string
}

/** The root of the front matter with `setting` in it; `root` is changed where it can be. */
export function applySetting(root: Node | null, setting: Setting): Result<Node, string> {
  const keys = setting.path.split('.')
  if (keys.some((key) => key === '')) return err('expected KEY=VALUE with a key such as machine.policy')
  const { root: value, errors } = parseYaml(setting.value, 0, setting.value)
  if (errors[0] !== undefined) return err(errors[0].message)
  const top = root === null || isNothing(root) ? new YAMLMap() : root
  let at: Node = top
  for (const [index, key] of keys.entries()) {
    const last = index === keys.length - 1
    const old = childOf(at, key)
    if (!old.ok) return old
    if (last) {
      put(at, key, value ?? new Scalar(null))
    } else if (old.value === undefined || isNothing(old.value)) {
      const next: Node = /^\d+$/.test(keys[index + 1] ?? '') ? new YAMLSeq() : new YAMLMap()
      put(at, key, next)
      at = next
    } else {
      at = old.value
    }
  }
  return ok(top)
}

const isNothing = (node: Node): boolean => node instanceof Scalar && node.value === null

function childOf(at: Node, key: string): Result<Node | undefined, string> {
  if (isMap(at)) return ok((pairOf(at, key)?.value ?? undefined) as Node | undefined)
  if (isSeq(at)) {
    const index = Number(key)
    if (!/^\d{1,3}$/.test(key) || index > at.items.length) {
      return err(`\`${key}\` is no item of a list of ${at.items.length}: expected 0 … ${at.items.length}`)
    }
    return ok(at.items[index] as Node | undefined)
  }
  return err(`what stands before \`${key}\` has no keys`)
}

function put(at: Node, key: string, value: Node): void {
  if (isSeq(at)) {
    at.items[Number(key)] = value
    return
  }
  if (!isMap(at)) return
  const pair = pairOf(at, key)
  if (pair === undefined) at.items.push(new Pair(new Scalar(key), value))
  else pair.value = value
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => pair.key instanceof Scalar && String(pair.key.value) === key)
