/** Files that are dropped anywhere on the page. */

import type { App } from '../state/app.ts'

/** While a file hangs over the page, the root element has `data-drop`. */
export function acceptDrops(app: App): void {
  const { dataset } = document.documentElement
  const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
  const over = (event: DragEvent): void => {
    if (!hasFile(event)) return
    event.preventDefault()
    dataset['drop'] = ''
  }
  const end = (event: DragEvent): void => {
    if (event.relatedTarget === null) delete dataset['drop']
  }
  const drop = (event: DragEvent): void => {
    delete dataset['drop']
    const dropped = [...(event.dataTransfer?.files ?? [])]
    if (dropped.length === 0) return
    // The editor would insert it at the pointer.
    event.preventDefault()
    event.stopPropagation()
    void app.files((files) => files.open(dropped))
  }
  document.addEventListener('dragover', over, true)
  document.addEventListener('dragleave', end, true)
  document.addEventListener('drop', drop, true)
}
