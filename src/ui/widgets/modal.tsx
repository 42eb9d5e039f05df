/** A native dialog that is open while it is rendered, with the focus on `data-first`. Escape and a click beside it close it. */

import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** Without the title bar: the content brings its own. */
  readonly bare?: boolean
}

export function Modal({ title, onClose, children, bare = false }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    if (!dialog.open) dialog.showModal()
    dialog.querySelector<HTMLElement>('[data-first]')?.focus()
    const onClick = (event: MouseEvent): void => {
      if (event.target === dialog) dialog.close()
    }
    dialog.addEventListener('click', onClick)
    return () => dialog.removeEventListener('click', onClick)
  }, [])
  return (
    <dialog ref={ref} aria-label={title} onClose={onClose}>
      {!bare && (
        <div className="dialog-head">
          <h2>{title}</h2>
          <button type="button" className="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
            ✕
          </button>
        </div>
      )}
      {children}
    </dialog>
  )
}
