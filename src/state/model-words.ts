/** Where the sources differ (persistency.md §6): each choice in words, for people and as a litmus file spells it. */

import type { Model } from '../protocol/litmus.ts'

interface Choice {
  /** In a list of choices of its kind. */
  readonly text: string
  /** By itself. */
  readonly alone: string
  /** "nt=fence"; a file says nothing of what everybody takes for granted. */
  readonly file?: string
}

export const CHOICES: {
  readonly [K in keyof Model]: { readonly label: string; readonly options: Record<Model[K], Choice> }
} = {
  unit: {
    label: 'persists as one',
    options: {
      line: { text: 'a line (64 B)', alone: 'line snapshots' },
      word: { text: 'a word (8 B)', alone: 'word snapshots', file: 'word' },
    },
  },
  movnt: {
    label: 'movnt durable',
    options: {
      visible: { text: 'when visible', alone: 'movnt durable when visible' },
      fence: { text: 'at the next fence', alone: 'movnt durable at the next fence', file: 'nt=fence' },
    },
  },
  cas: {
    label: 'failed cas',
    options: {
      sdm: { text: 'fences', alone: 'failed cas fences' },
      paper: { text: 'is a plain load', alone: 'failed cas is a plain load', file: 'cas=paper' },
    },
  },
}

const choicesOf = ({ unit, movnt, cas }: Model): readonly Choice[] => [
  CHOICES.unit.options[unit],
  CHOICES.movnt.options[movnt],
  CHOICES.cas.options[cas],
]

export const modelInWords = (model: Model): string =>
  choicesOf(model)
    .map(({ alone }) => alone)
    .join('; ')

/** "movnt durable at the next fence (nt=fence)": each choice that differs from `own`. */
export function otherChoices(model: Model, own: Model): readonly string[] {
  const usual = choicesOf(own)
  return choicesOf(model)
    .filter((choice) => !usual.includes(choice))
    .map(({ alone, file }) => (file === undefined ? alone : `${alone} (${file})`))
}
