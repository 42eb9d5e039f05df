/**
 * The journal of kernel objects: every change of a field, with the step it belongs to. Of changes of one field in a row
 * that belong to one step only what they come to is kept: no place in the recording lies between them.
 *
 * It gives undo, compare, hash and "sysfs at step n": the objects are moved to step n, read, and moved back.
 */

interface Target {
  readonly fields: Record<string, unknown>
}

export class Journal {
  private readonly steps: number[] = []
  private readonly targets: Target[] = []
  private readonly names: string[] = []
  private readonly olds: unknown[] = []
  private readonly news: unknown[] = []
  /** Changes applied to the objects as they are now. */
  private applied = 0
  private objects = 0
  /** The step to which changes belong; the recording moves it. */
  now = -1

  get length(): number {
    return this.steps.length
  }

  /** Identity of a new object, in order of creation. */
  allocate(): number {
    return ++this.objects
  }

  write(target: Target, name: string, value: unknown): void {
    const old = target.fields[name]
    if (Object.is(old, value)) return
    target.fields[name] = value
    const last = this.steps.length - 1
    if (this.targets[last] === target && this.names[last] === name && this.steps[last] === this.now) {
      this.news[last] = value
      return
    }
    this.steps.push(this.now)
    this.targets.push(target)
    this.names.push(name)
    this.olds.push(old)
    this.news.push(value)
    this.applied = this.steps.length
  }

  /** Move every object to its state right after `step`. Reading is all that may happen before `seek(Infinity)`. */
  seek(step: number): void {
    while (this.applied > 0 && (this.steps[this.applied - 1] as number) > step) this.move(--this.applied, this.olds)
    while (this.applied < this.steps.length && (this.steps[this.applied] as number) <= step)
      this.move(this.applied++, this.news)
  }

  /** Take back and forget every change that belongs to a step after `step`. */
  truncate(step: number): void {
    this.seek(step)
    for (const column of [this.steps, this.targets, this.names, this.olds, this.news]) column.length = this.applied
  }

  /** Read something as of `step`. */
  at<T>(step: number, read: () => T): T {
    this.seek(step)
    try {
      return read()
    } finally {
      this.seek(Number.POSITIVE_INFINITY)
    }
  }

  /** Every change up to `step`, oldest first. The objects stay as they are. */
  *changes(step: number): Generator<{ step: number; target: object; name: string; old: unknown; value: unknown }> {
    for (let i = 0; i < this.steps.length && (this.steps[i] as number) <= step; i++)
      yield {
        step: this.steps[i] as number,
        target: this.targets[i] as Target,
        name: this.names[i] as string,
        old: this.olds[i],
        value: this.news[i],
      }
  }

  /** One line a change, for the recording's hash. */
  *entries(): Generator<string> {
    for (let i = 0; i < this.steps.length; i++) yield `${this.steps[i]} ${this.names[i]} ${printable(this.news[i])}`
  }

  private move(index: number, values: readonly unknown[]): void {
    const target = this.targets[index] as Target
    target.fields[this.names[index] as string] = values[index]
  }
}

function printable(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${value.length}`
  if (Array.isArray(value)) return `[${value.map(printable).join(' ')}]`
  if (typeof value === 'object' && value !== null) return `#${String((value as { id?: unknown }).id ?? '')}`
  // Their text depends on who has bundled them.
  if (typeof value === 'function') return 'function'
  return String(value)
}
