/** Puts shapes into an SVG element: one keyed join, no memory of earlier pictures. */

import { select } from 'd3-selection'
import type { Pick, Shape } from './shape.ts'

export interface Drawing {
  update(shapes: readonly Shape[]): void
  destroy(): void
}

const SVG = 'http://www.w3.org/2000/svg'

export function drawShapes(el: SVGGElement, onPick?: (pick: Pick) => void): Drawing {
  const root = select(el)
  if (onPick !== undefined) {
    root.on('click', (event: MouseEvent) => {
      const target = event.target instanceof Element ? event.target : null
      const shape =
        target === null ? undefined : (select<Element, Shape | undefined>(target).datum() as Shape | undefined)
      if (shape?.pick !== undefined) onPick(shape.pick)
    })
  }
  return {
    update(shapes) {
      root
        .selectChildren<SVGElement, Shape>()
        .data(shapes, (shape) => `${shape.kind} ${shape.key}`)
        .join((enter) => enter.append((shape) => document.createElementNS(SVG, shape.kind)))
        .order()
        .each(function (shape) {
          place(this, shape)
        })
    },
    destroy() {
      root.on('click', null)
      root.selectChildren().remove()
    },
  }
}

function place(node: SVGElement, shape: Shape): void {
  set(node, 'class', shape.pick === undefined ? shape.class : `${shape.class} pick`)
  switch (shape.kind) {
    case 'rect':
      set(node, 'x', round(shape.x))
      set(node, 'y', round(shape.y))
      set(node, 'width', round(Math.max(0, shape.w)))
      set(node, 'height', round(Math.max(0, shape.h)))
      set(node, 'rx', round(shape.r))
      break
    case 'path':
      set(node, 'd', shape.d)
      break
    case 'text':
      set(node, 'x', shape.xs === undefined ? round(shape.x) : shape.xs.map(round).join(' '))
      set(node, 'y', round(shape.y))
      set(node, 'text-anchor', shape.anchor ?? 'start')
      if (node.textContent !== shape.text) node.textContent = shape.text
      break
  }
  if (shape.kind !== 'text') title(node, shape.title)
}

function title(node: SVGElement, text: string | undefined): void {
  const old = node.firstElementChild
  if (text === undefined) {
    old?.remove()
    return
  }
  const element = old ?? node.appendChild(document.createElementNS(SVG, 'title'))
  if (element.textContent !== text) element.textContent = text
}

function set(node: SVGElement, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value)
}

const round = (n: number): string => String(Math.round(n * 10) / 10)
