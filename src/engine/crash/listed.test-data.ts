/** Every image at the place where a walk stands, put together from the parts of its units. For small cases only. */

import { type Part, partsOf } from './contents.ts'
import { bytesOfUnit, lineOfUnit, type Subject, unitOf } from './subject.ts'
import type { Survival } from './survival.ts'
import { prefixBytes } from './unit.ts'

interface Placed {
  /** First byte of all. */
  readonly at: number
  readonly core: number
  readonly contents: Part['contents']
}

const LINE = 64

/** Every image of the lines up to `lines`, as text, a character a byte. */
export function listedImages(survival: Survival, subject: Subject, lines: number): ReadonlySet<string> {
  const parts: Placed[] = []
  for (let line = 0; line < lines; line++)
    for (const id of new Set([0, 8, 16, 24, 32, 40, 48, 56].map((offset) => unitOf(subject, line, offset))))
      parts.push(...partsOfUnit(survival, subject, id))
  parts.sort((a, b) => a.at - b.at)
  let next = 0
  for (const { at, contents } of parts) {
    if (at !== next) throw new Error('parts lie side by side')
    next += contents[0]?.bytes.length ?? 0
  }
  const images = new Set<string>()
  const cores = Array.from({ length: subject.cores }, (_, core) => survival.cuts(core))
  const go = (cuts: readonly number[]): void => {
    const core = cores[cuts.length]
    if (core === undefined) combine(parts, cuts, images)
    else for (let cut = core.least; cut <= core.most; cut++) go([...cuts, cut])
  }
  go([])
  return images
}

function partsOfUnit(survival: Survival, subject: Subject, id: number): readonly Placed[] {
  const { first, length } = bytesOfUnit(id)
  const at = LINE * lineOfUnit(id)
  const unit = survival.units.get(id)
  const always = [{ from: 0, to: Number.POSITIVE_INFINITY }]
  const certain = (bytes: Uint8Array): readonly Placed[] => [
    { at: at + first, core: 0, contents: [{ bytes, spans: always }] },
  ]
  if (unit === undefined) return certain(subject.initial(lineOfUnit(id)).slice(first, first + length))
  if (!survival.isOpen(unit)) return certain(prefixBytes(subject, unit, unit.to))
  const { pending } = unit
  const core = pending?.core ?? 0
  const parts = partsOf(subject, unit, pending === undefined ? { least: 0, most: 0 } : survival.cuts(core))
  if (parts === undefined) throw new Error('a small case is listed')
  return parts.map((part) => ({
    at: at + part.first,
    core,
    contents: pending === undefined ? part.contents.map(({ bytes }) => ({ bytes, spans: always })) : part.contents,
  }))
}

function combine(parts: readonly Placed[], cuts: readonly number[], images: Set<string>): void {
  const choices = parts.map(({ core, contents }) =>
    contents
      .filter(({ spans }) => spans.some(({ from, to }) => from <= (cuts[core] ?? 0) && (cuts[core] ?? 0) < to))
      .map(({ bytes }) => String.fromCharCode(...bytes)),
  )
  const go = (i: number, image: string): void => {
    const here = choices[i]
    if (here === undefined) images.add(image)
    else for (const text of here) go(i + 1, image + text)
  }
  go(0, '')
}
