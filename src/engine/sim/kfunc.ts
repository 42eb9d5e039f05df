/**
 * How modelled functions call each other.
 *
 * A function is a generator; `yield* f(k, …)` hands one call record to the scheduler, which keeps an explicit
 * stack of frames. That stack is the call stack that the screen shows, and resuming costs the same at any depth.
 * Generators are never cloned.
 */

/** What a running function hands to the scheduler: a call to make, or "I can't go on yet". */
export type Request = CallRecord | Sleep | typeof WAIT

/** The thread can't go on before this time, nanoseconds since the boot; it looks itself whether that has come. */
export class Sleep {
  readonly until: bigint
  constructor(until: bigint) {
    this.until = until
  }
}

/** Anything a function can `yield*`: a call, a micro-op. `R` is what the expression evaluates to. */
export type Op<R> = Iterable<Request, R, unknown>

/** The thread can't go on: its micro-op is retried when the machine has moved or another thread has had its turn. */
export const WAIT: unique symbol = Symbol('wait')

export interface FunctionInfo {
  readonly name: string
  /** Upstream path for the kernel ("drivers/nvdimm/pmem.c"), "libc: string.c" and the like elsewhere. */
  readonly file: string
  readonly body: (k: never, ...args: never[]) => Generator<Request, unknown, unknown>
}

export class CallRecord implements Iterator<Request, unknown, unknown> {
  private handed = false
  readonly fn: FunctionInfo
  readonly context: unknown
  readonly args: readonly unknown[]

  constructor(fn: FunctionInfo, context: unknown, args: readonly unknown[]) {
    this.fn = fn
    this.context = context
    this.args = args
  }

  [Symbol.iterator](): this {
    return this
  }

  next(value?: unknown): IteratorResult<Request, unknown> {
    if (this.handed) return { done: true, value }
    this.handed = true
    return { done: false, value: this }
  }
}

/**
 * Declare a function of the model. The generator's own name is the name on the call stack; `file` its place.
 * `K` is the context that the layer hands down (the kernel, a process).
 *
 * Where names are shortened (the page's worker, see vite.config.ts) the build writes the name behind the file: `file#name`.
 */
export function kfunc<K, A extends readonly unknown[], R>(
  file: string,
  body: (k: K, ...args: A) => Generator<Request, R, unknown>,
): (k: K, ...args: A) => Op<R> {
  const [path = file, name = body.name] = file.split('#')
  const fn: FunctionInfo = { name, file: path, body: body as unknown as FunctionInfo['body'] }
  return (k, ...args) => new CallRecord(fn, k, args) as unknown as Op<R>
}

/** A micro-op that has already happened. */
class Done implements Iterator<Request, void, unknown> {
  [Symbol.iterator](): this {
    return this
  }
  next(): IteratorResult<Request, void> {
    return { done: true, value: undefined }
  }
}

class Retry implements Iterator<Request, void, unknown> {
  private readonly attempt: () => boolean
  constructor(attempt: () => boolean) {
    this.attempt = attempt
  }
  private first = true;
  [Symbol.iterator](): this {
    return this
  }
  next(): IteratorResult<Request, void> {
    // The first attempt was made by the caller and failed: hand the turn over before the second.
    if (this.first) {
      this.first = false
      return { done: false, value: WAIT }
    }
    return this.attempt() ? { done: true, value: undefined } : { done: false, value: WAIT }
  }
}

const NOTHING = new Done() as unknown as Op<void>

/** Run `attempt` now; if it could not happen yet, again at each later turn until it has. */
export const microOp = (attempt: () => boolean): Op<void> =>
  attempt() ? NOTHING : (new Retry(attempt) as unknown as Op<void>)
