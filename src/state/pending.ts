/** Counts what is under way, so that a test can wait until nothing is. */

export class Pending {
  private count = 0
  private waiting: (() => void)[] = []

  /** The result ends it, once. */
  begin(): () => void {
    this.count++
    let open = true
    return () => {
      if (!open) return
      open = false
      this.count--
      if (this.count === 0) for (const done of this.waiting.splice(0)) done()
    }
  }

  async during<T>(work: Promise<T>): Promise<T> {
    const end = this.begin()
    try {
      return await work
    } finally {
      end()
    }
  }

  get isBusy(): boolean {
    return this.count > 0
  }

  idle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : new Promise((done) => this.waiting.push(done))
  }
}
