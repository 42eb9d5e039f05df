/** The table of what differs between releases, for the page. */

import type { ReleasesView } from '../../protocol/releases.ts'
import { featureRows, type Release, releaseNames } from '../linux/releases.ts'

export const releasesView = ({ features }: Release): ReleasesView => ({
  releases: releaseNames,
  features: featureRows.map(([name, row]) => ({ ...row, name, on: features.has(name) })),
})
