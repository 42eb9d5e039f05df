/** The person's disk: a file is chosen, or a text is written. Fetched with the first wish for either. */

/** Of texts, and of firmware tables: binary, or as iasl prints them. */
const ENDINGS = '.litmus,.pmem,.c,.h,.txt,.bin,.dat,.aml,.dsl'

/** Resolves to none when none was chosen. */
export function pickFiles(): Promise<readonly File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = ENDINGS
  input.multiple = true
  return new Promise((resolve) => {
    input.addEventListener('cancel', () => resolve([]))
    input.addEventListener('change', () => resolve([...(input.files ?? [])]))
    input.click()
  })
}

interface FileHandle {
  readonly name: string
  createWritable(): Promise<{ write(text: string): Promise<void>; close(): Promise<void> }>
}

type Picker = (options: { readonly suggestedName: string }) => Promise<FileHandle>

/** Time for the browser to begin the download, ms. */
const DOWNLOAD_MS = 10_000

/** Resolves to the file's name, or to undefined when the person chose none. */
export async function saveFile(name: string, text: string): Promise<string | undefined> {
  const { showSaveFilePicker: pick } = window as { readonly showSaveFilePicker?: Picker }
  if (pick === undefined) return download(name, text)
  try {
    const handle = await pick.call(window, { suggestedName: name })
    const file = await handle.createWritable()
    await file.write(text)
    await file.close()
    return handle.name
  } catch (reason) {
    // The person closed the browser's dialog; anything else is the browser's refusal to ask.
    return reason instanceof DOMException && reason.name === 'AbortError' ? undefined : download(name, text)
  }
}

function download(name: string, text: string): string {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS)
  return name
}
