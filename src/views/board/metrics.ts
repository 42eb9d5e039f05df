/** Sizes on the board, CSS pixels at scale 1. Fonts are set to match in styles/board.css. */

export const PAD = 12
export const GAP = 10
/** Title line of a card. */
export const TITLE = 26
export const RADIUS = 10

/** A word of a tile: 8 bytes. */
export const WORD_MIN = 11
export const WORD_MAX = 17
export const WORD_GAP = 1.5
export const WORD_HEIGHT = 17
/** Label above the words of a tile. */
export const LABEL = 13
export const TILE_HEIGHT = LABEL + WORD_HEIGHT
export const TILE_PITCH_Y = TILE_HEIGHT + 9
export const TILE_GAP_X = 18

export const CORE_HEIGHT = 108
export const WC_WIDTH = 8 * (WORD_MIN + WORD_GAP) + 2 * PAD + 2
export const GROUP_MIN_WIDTH = 312
export const DIMM_MIN_WIDTH = 150
/** Between the border of the persistence domain and the cards in it. */
export const DOMAIN_PAD = 9
export const DOMAIN_HEAD = 16

/** Live tiles on the whole board: up to eleven SVG nodes each, within 1,000. */
export const TILE_BUDGET = 85

/** Advance of a character: monospace at 11 px, and the interface font at 10.5 px on average. */
export const MONO_11 = 6.7
export const SANS_10 = 5.6
