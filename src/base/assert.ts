/** Broken invariants. They end the session with a report (the worker catches them), never the page. */

class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** `believed` says what was held to be true: "a store-buffer entry has a write". */
export function assert(condition: boolean, believed: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${believed}`)
}

export function ensure<T>(value: T | null | undefined, believed: string): T {
  if (value === undefined || value === null) throw new InvariantError(`broken invariant: ${believed}`)
  return value
}

export function unreachable(value: never): never {
  throw new InvariantError(`broken invariant: every kind is handled (got ${JSON.stringify(value)})`)
}
