/// <reference lib="webworker" />
/** The worker: a shell round `Session`. What it throws reaches the page as the worker's `error` event. */

import type { Request } from '../protocol/messages.ts'
import { Session } from './session.ts'

declare const self: DedicatedWorkerGlobalScope

const session = new Session((message) => self.postMessage(message))
self.onmessage = (event: MessageEvent<Request>) => session.handle(event.data)
