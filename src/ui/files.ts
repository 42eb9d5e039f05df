/** Files from the person's disk: chosen, or dropped anywhere on the page. */

import type { App } from '../state/app.ts'

const ENDINGS = '.litmus,.pmem,.c,.txt'

/** Resolves to undefined when none was chosen. */
export function pickFile(): Promise<File | undefined> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = ENDINGS
  return new Promise((resolve) => {
    input.addEventListener('cancel', () => resolve(undefined))
    input.addEventListener('change', () => resolve(input.files?.[0]))
    input.click()
  })
}

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
    const file = event.dataTransfer?.files[0]
    if (file === undefined) return
    // The editor would insert it at the pointer.
    event.preventDefault()
    event.stopPropagation()
    void app.openFile(file)
  }
  document.addEventListener('dragover', over, true)
  document.addEventListener('dragleave', end, true)
  document.addEventListener('drop', drop, true)
}
