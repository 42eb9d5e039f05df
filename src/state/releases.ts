/** The kernel's release: what it has that others have not, and choosing another. Fetched with its dialog. */

import type { ReleasesView } from '../protocol/releases.ts'
import { rewriteScenario } from '../scenario/rewrite.ts'
import type { Core } from './core.ts'
import type { Recorder } from './recording.ts'

export interface Releases {
  /** Of the recording on the screen; undefined when there is none. */
  view(): Promise<ReleasesView | undefined>
  /** Write it into the text and record anew. */
  choose(release: string): void
}

export function createReleases(core: Core, recorder: Recorder): Releases {
  return {
    async view() {
      if (core.get().summary === undefined) return undefined
      let answer: ReleasesView | undefined
      await core.guarded(async () => {
        answer = await core.client.ask<'releases'>({ ask: 'releases' })
      })
      return answer
    },
    choose(release) {
      const { text, textVersion } = core.get()
      const changed = rewriteScenario(text, [{ path: 'kernel', value: release, spelled: `kernel ${release}` }])
      if (!changed.ok) {
        core.notify('problem', `The release can not be changed: ${changed.error[0]?.message}.`)
        return
      }
      recorder.edit(changed.value)
      core.set({ textVersion: textVersion + 1 })
      core.announce(`Recording with kernel ${release}.`)
    },
  }
}
