/// <reference lib="webworker" />
/** The worker of one exploration: a shell round `exploration.ts`. To cancel, the page ends it. */

import type { ExploreRequest } from '../protocol/litmus.ts'
import { explore } from './exploration.ts'

declare const self: DedicatedWorkerGlobalScope

self.onmessage = ({ data }: MessageEvent<ExploreRequest>) => explore(data, (reply) => self.postMessage(reply))
