/** Whether things jump to their end states: asked for by the system, by the person, or by a test. */

import { useAppState } from '../app-context.ts'
import { useMedia } from './use-media.ts'

export function useStill(): boolean {
  const reduced = useMedia('(prefers-reduced-motion: reduce)')
  const still = useAppState((state) => state.settings.still)
  return reduced || still || new URLSearchParams(location.search).has('testing')
}
