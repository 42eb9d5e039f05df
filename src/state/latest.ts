/**
 * Runs one job at a time; of those that arrive meanwhile only the newest runs next.
 *
 * A held key or a dragged scrubber then shows a picture for each answer, and never falls behind.
 */

export class Latest {
  private running = false
  private next: (() => Promise<void>) | undefined

  async run(job: () => Promise<void>): Promise<void> {
    if (this.running) {
      this.next = job
      return
    }
    this.running = true
    try {
      for (let now: (() => Promise<void>) | undefined = job; now !== undefined; ) {
        this.next = undefined
        await now()
        now = this.next
      }
    } finally {
      this.running = false
    }
  }
}
