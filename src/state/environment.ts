/** What the page's actions need from outside, so that they run the same in a test. */

import type { Result } from '../base/result.ts'
import type { EngineClient } from '../client/engine-client.ts'
import type { Explorer } from '../client/explorer.ts'
import type { Language } from '../client/language.ts'
import type { Anchor, Intervention } from '../protocol/interventions.ts'
import type { Model } from '../protocol/litmus.ts'

interface SharedWork {
  readonly text: string
  readonly interventions: readonly Intervention[]
  readonly focus?: Anchor
  readonly tick?: number
  readonly model?: Partial<Model>
}

interface ShareCodec {
  /** The fragment of a link, "#" included. */
  encode(work: SharedWork): Promise<Result<string, { readonly message: string }>>
  /** Undefined when the link may be sent anywhere. */
  lengthWarning(url: string): string | undefined
  decode(fragment: string): Promise<Result<SharedWork, { readonly message: string }>>
}

/** A file of the person's. */
export interface GivenFile {
  readonly name: string
  /** Bytes. */
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface Environment {
  /** `onRestart` hears that the engine stopped and was started again. */
  connect(onRestart: (reason: string) => void): EngineClient
  /** What explores litmus tests; fetched when the first one is on the screen. */
  explorer(): Promise<Explorer>
  /** What the editor asks about the text; fetched with the editor. */
  language(): Promise<Language>
  readonly share: ShareCodec
  /** The address bar. */
  readonly address: {
    fragment(): string
    setFragment(fragment: string): void
    /** Address of the page without a fragment. */
    page(): string
  }
  /** Lets the person choose files; resolves to none when they chose none. */
  pickFiles(): Promise<readonly GivenFile[]>
  /** Resolves to the name of the file, or to undefined when the person chose none. */
  saveFile(name: string, text: string): Promise<string | undefined>
  /** Resolves to false when the clipboard refused. */
  copy(text: string): Promise<boolean>
  /** An edited text outlives a reload of its tab. */
  readonly draft: { read(): string | null; write(text: string | null): void }
  readonly storage: { read(key: string): string | null; write(key: string, value: string): void }
  /** Calls `run` after `ms`; the result takes it back. */
  later(run: () => void, ms: number): () => void
}
