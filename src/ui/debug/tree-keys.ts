/** Going about in a tree with the keyboard, as a tree of files does (WAI-ARIA authoring practices, tree view). */

import type { KeyboardEvent } from 'react'

const ITEM = '[role="treeitem"]'

/** Every item on the screen, from top to bottom. */
export const itemsOf = (tree: Element | null): readonly HTMLElement[] =>
  tree === null ? [] : [...tree.querySelectorAll<HTMLElement>(ITEM)]

interface Acts {
  /** Opens or closes the item. */
  toggle(): void
  enter(): void
}

/** For the `onKeyDown` of an item. */
export function treeKey(event: KeyboardEvent<HTMLElement>, { toggle, enter }: Acts): void {
  const item = event.currentTarget
  if (event.target !== item || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
  const all = itemsOf(item.closest('[role="tree"]'))
  const open = item.getAttribute('aria-expanded')
  switch (event.key) {
    case 'ArrowDown':
      all[all.indexOf(item) + 1]?.focus()
      break
    case 'ArrowUp':
      all[all.indexOf(item) - 1]?.focus()
      break
    case 'Home':
      all[0]?.focus()
      break
    case 'End':
      all.at(-1)?.focus()
      break
    case 'ArrowRight':
      if (open === 'true') item.querySelector<HTMLElement>(ITEM)?.focus()
      else if (open === 'false') toggle()
      break
    case 'ArrowLeft':
      if (open === 'true') toggle()
      else item.parentElement?.closest<HTMLElement>(ITEM)?.focus()
      break
    case ' ':
      toggle()
      break
    case 'Enter':
      enter()
      break
    default:
      return
  }
  event.preventDefault()
}
