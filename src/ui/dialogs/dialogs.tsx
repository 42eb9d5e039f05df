/** The dialogs, loaded when the first is opened. */

import type { AppState } from '../../state/app-state.ts'
import { useApp } from '../app-context.ts'
import { HelpDialog } from './help-dialog.tsx'
import { Palette } from './palette.tsx'
import { ReleasesDialog } from './releases-dialog.tsx'
import { ShareDialog } from './share-dialog.tsx'

export default function Dialogs({ dialog }: { readonly dialog: NonNullable<AppState['dialog']> }) {
  const app = useApp()
  // A dialog that another one replaced closes late: it must not close its successor.
  const close = (): void => {
    if (app.store.getState().dialog === dialog) app.openDialog(undefined)
  }
  switch (dialog) {
    case 'palette':
      return <Palette onClose={close} />
    case 'help':
      return <HelpDialog onClose={close} />
    case 'releases':
      return <ReleasesDialog onClose={close} />
    case 'share':
      return <ShareDialog onClose={close} />
  }
}
