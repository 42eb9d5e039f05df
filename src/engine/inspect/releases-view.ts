/** The table of what differs between releases, for the page. */

import type { ReleasesView } from '../../protocol/releases.ts'
import { type FeatureRow, featureRows, type Release, releaseNames } from '../linux/releases.ts'

/** Patches of the series first, by number; then by the release that brought it. */
const rank = ({ series, since }: FeatureRow): number =>
  series ?? 100 + (since === undefined ? 0 : releaseNames.indexOf(since))

export const releasesView = ({ features }: Release): ReleasesView => ({
  releases: releaseNames,
  features: [...featureRows]
    .sort(([, a], [, b]) => rank(a) - rank(b))
    .map(([name, row]) => ({ ...row, name, on: features.has(name) })),
})
