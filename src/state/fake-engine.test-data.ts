/**
 * An engine for tests of the state: a recording of as many steps as the text has words; a "!" is refused. Hardware that
 * is made to move is one more word, "moved"; it never moves line 0. A text that is "endless" is recorded until somebody
 * cancels that, and meanwhile questions wait.
 */

import { err, ok } from '../base/result.ts'
import {
  type EngineClient,
  EngineError,
  type LoadOutcome,
  type Progress,
  type QuestionOf,
} from '../client/engine-client.ts'
import type { Frame } from '../protocol/frame.ts'
import type { Anchor, Intervention } from '../protocol/interventions.ts'
import type { Answers, Question, Summary } from '../protocol/messages.ts'
import type { Environment, GivenFile } from './environment.ts'
import { debugAnswer } from './fake-debugger.test-data.ts'

/** Anchors of the fake machine: the word, and which time it occurs. */
const anchorOf = (words: readonly string[], step: number): Anchor => ({
  kind: 'code',
  thread: 'main',
  at: `fn:${words[step]}`,
  visit: words.slice(0, step + 1).filter((word) => word === words[step]).length,
  event: 1,
})

export class FakeEngine implements EngineClient {
  words: readonly string[] = []
  failedAt: number | undefined
  loads = 0
  disposed = false
  private taken: Record<number, number> = {}
  readonly asked: Question['ask'][] = []
  /** Questions that are never answered, only given up. */
  readonly slow = new Set<Question['ask']>()
  private stop: (() => void) | undefined
  private stopped: Promise<void> | undefined

  async load(
    text: string,
    interventions: readonly Intervention[],
    onProgress: (progress: Progress) => void,
  ): Promise<LoadOutcome> {
    this.loads++
    this.stop?.()
    if (text === 'endless') {
      this.stopped = new Promise((resolve) => {
        this.stop = resolve
      })
      await this.stopped
      return { kind: 'cancelled' }
    }
    await Promise.resolve()
    onProgress({ steps: 1, ticks: 0 })
    const at = text.indexOf('!')
    if (at >= 0) {
      const refusal = { severity: 'error', line: 1, column: at + 1, length: 1, message: 'no “!” here' } as const
      return { kind: 'refused', diagnostics: [refusal] }
    }
    this.words = text.split(' ')
    this.taken = {}
    for (const [index, made] of interventions.entries()) {
      const at = made.kind === 'transition' && made.transition.line !== 0 ? this.resolve(made.at) : null
      if (at === null) continue
      this.words = [...this.words.slice(0, at + 1), 'moved', ...this.words.slice(at + 1)]
      this.taken[index] = at + 1
    }
    const failure = interventions.find(({ kind }) => kind === 'power-failure')
    const cut = failure?.at === undefined ? null : this.resolve(failure.at)
    this.failedAt = cut === null ? undefined : cut + 1
    if (cut !== null) this.words = [...this.words.slice(0, cut + 1), 'failure', 'recover']
    return { kind: 'recorded', summary: this.summary(interventions) }
  }

  async ask<K extends Question['ask']>(question: QuestionOf<K>, signal?: AbortSignal): Promise<Answers[K]> {
    this.asked.push(question.ask)
    await this.stopped
    if (this.slow.has(question.ask)) {
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new EngineError('given up'))))
    }
    return this.answer(question) as Answers[K]
  }

  cancel(): void {
    this.stop?.()
  }
  dispose(): void {
    this.disposed = true
  }

  private summary(interventions: readonly Intervention[]): Summary {
    return {
      title: 'fake',
      release: 'v6.1',
      steps: this.words.length,
      ticks: 0,
      programStart: 1,
      end: this.words.length - 1,
      threads: [{ name: 'main', core: 0 }],
      cores: 1,
      storage: '',
      domain: 'adr',
      hash: '',
      ...(this.failedAt === undefined ? {} : { failedAt: this.failedAt }),
      taken: this.taken,
      policy: 'lazy',
      unresolved: interventions.flatMap(({ at }, index) => (this.resolve(at) === null ? [index] : [])),
    }
  }

  private resolve(anchor: Anchor | undefined): number | null {
    const step = this.words.findIndex((_, at) => JSON.stringify(anchorOf(this.words, at)) === JSON.stringify(anchor))
    return step < 0 ? null : step
  }

  private answer(question: Question): Answers[keyof Answers] {
    switch (question.ask) {
      case 'frame':
        return this.frame(question.step, question.since)
      case 'target': {
        const to = question.from + (question.direction === 'forward' ? 1 : -1)
        return to < 0 || to >= this.words.length ? null : to
      }
      case 'anchor':
        return anchorOf(this.words, question.step)
      case 'resolve':
        return this.resolve(question.anchor)
      case 'loss':
        return { step: question.step, lostBytes: 0, lost: [], survivingBytes: 0, survived: [] }
      case 'survival': {
        const model = { unit: 'line', movnt: 'visible', cas: 'sdm', ...question.model } as const
        return { step: question.step, model, images: '1', mayLoseBytes: 0, mayLose: [], writes: [] }
      }
      case 'timeline':
        return { from: question.from, to: question.to, lanes: [], dots: [] }
      case 'log':
        return []
      case 'facts': {
        const loss =
          question.step === null ? undefined : { step: question.step, lostBytes: 0, mayLoseBytes: 0, mayLose: {} }
        const title = this.words.join(' ')
        return {
          title,
          release: '',
          hash: '',
          ends: {},
          output: '',
          counts: {},
          calls: {},
          log: [],
          attributes: {},
          loss,
        }
      }
      case 'compare': {
        const names = [question.with, { title: this.words.join(' ') }].map(({ title }) => title)
        return { names, same: names[0] === names[1], sections: [] }
      }
      case 'releases':
        return { releases: ['v4.12', 'v6.1'], features: [] }
      case 'devices':
        return { step: question.step, bios: [], roots: [] }
      case 'translate':
        return { found: false, message: 'there is no memory' }
      case 'storage': {
        const { name, step } = question
        return {
          step,
          hops: [],
          also: [],
          ends: 'there is no storage',
          ...(name.kind === 'spa' ? { spa: name.spa } : {}),
        }
      }
      case 'line':
        return { line: question.line, bytes: [], life: [] }
      default:
        return debugAnswer(question, this.words.length)
    }
  }

  private frame(step: number, since: number): Frame {
    const failed = this.failedAt !== undefined && step >= this.failedAt
    return {
      step,
      event: { kind: 'call', sentence: `word ${this.words[step]}` },
      sourceLine: step + 1,
      stack: [],
      depth: 0,
      cores: [],
      l3: { used: 0, capacity: 0, tiles: [] },
      controllers: [],
      dimms: [],
      choices: [],
      motions: Array.from({ length: Math.max(0, step - since) }, (_, index) => ({
        step: since + 1 + index,
        from: { kind: 'core', core: 0 },
        to: { kind: 'core', core: 0 },
        stage: 'dirty',
        words: 1,
        label: '',
      })),
      domain: 'adr',
      ...(failed && this.failedAt !== undefined ? { failedAt: this.failedAt } : {}),
      output: '',
    }
  }
}

/** `clock.run()` does what was to be done later. */
export function fakeEnvironment(engine: EngineClient, fragment = '') {
  const due = new Set<() => void>()
  const clock = {
    run(): void {
      const now = [...due]
      due.clear()
      for (const job of now) job()
    },
  }
  const bar = { fragment }
  const clipboard: string[] = []
  /** What the person will choose, the last first. */
  const files: GivenFile[] = []
  /** What was saved: name and text. */
  const saved: (readonly [string, string])[] = []
  const env: Environment = {
    connect: () => engine,
    explorer: () => Promise.reject(new Error('nothing is explored here')),
    language: () => Promise.reject(new Error('no editor is here')),
    saveFile(name, text) {
      saved.push([name, text])
      return Promise.resolve(name)
    },
    pickFiles: () => Promise.resolve(files.splice(-1)),
    share: {
      encode: (work) => Promise.resolve(ok(`#1.${encodeURIComponent(JSON.stringify(work))}`)),
      decode: (text) =>
        Promise.resolve(
          text.startsWith('#1.')
            ? ok(JSON.parse(decodeURIComponent(text.slice(3))))
            : err({ message: 'This link is damaged.' }),
        ),
      lengthWarning: () => undefined,
    },
    address: {
      fragment: () => bar.fragment,
      setFragment(text) {
        bar.fragment = text
      },
      page: () => 'https://example.org/',
    },
    copy(text) {
      clipboard.push(text)
      return Promise.resolve(true)
    },
    storage: { read: () => null, write() {} },
    draft: { read: () => null, write() {} },
    later(run) {
      due.add(run)
      return () => due.delete(run)
    },
  }
  return { env, clock, bar, clipboard, files, saved }
}
