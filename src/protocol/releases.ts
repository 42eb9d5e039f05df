/** What differs between kernel releases, as the page shows it. */

export interface FeatureView {
  /** As the kernel model's code asks for it. */
  readonly name: string
  readonly what: string
  /** Upstream commit, 12 digits; absent where the patch was never merged. */
  readonly commit?: string
  /** The first release that has it, of those that can be chosen; absent: none. */
  readonly since?: string
  /** Number of the patch of the v3 series of June 2017 that brought it. */
  readonly series?: number
  readonly sure: 'read' | 'inferred' | 'recalled'
  /** Names of features that it cannot be without. */
  readonly needs?: readonly string[]
  /** Does the release that was asked about have it? */
  readonly on: boolean
}

export interface ReleasesView {
  /** Every release that can be chosen, oldest first, the series patch by patch among them. */
  readonly releases: readonly string[]
  readonly features: readonly FeatureView[]
}
