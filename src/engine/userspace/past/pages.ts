/** Memory as it was at each of several moments: of every moment only the pages that had changed since the one before. */

const PAGE = 1024

interface Version {
  moment: number
  readonly bytes: Uint8Array
}

/** Alike word by word where both are aligned, else byte by byte. */
function alike(a: Uint8Array, b: Uint8Array): boolean {
  if (((a.byteOffset | b.byteOffset | a.length) & 3) === 0) {
    const x = new Int32Array(a.buffer, a.byteOffset, a.length >> 2)
    const y = new Int32Array(b.buffer, b.byteOffset, b.length >> 2)
    for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false
    return true
  }
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const ZEROS = new Uint8Array(PAGE)

export class Pages {
  private readonly versions: Version[][] = []
  /** Bytes that are kept. */
  bytes = 0
  /** The memory grows at its low end: pages count from its top. */
  private readonly down: boolean

  constructor(down = false) {
    this.down = down
  }

  private page(memory: Uint8Array, page: number): Uint8Array {
    const { length } = memory
    return this.down
      ? memory.subarray(Math.max(0, length - (page + 1) * PAGE), length - page * PAGE)
      : memory.subarray(page * PAGE, (page + 1) * PAGE)
  }

  /** What `memory` holds at `moment`, which is later than all before. */
  take(moment: number, memory: Uint8Array): void {
    for (let page = 0; page * PAGE < memory.length; page++) {
      const now = this.page(memory, page)
      const versions = this.versions[page]
      const before = versions?.[versions.length - 1]?.bytes ?? ZEROS
      // A first page may have been short: what it lacked was zeros.
      const same = before.length >= now.length ? alike(before.subarray(0, now.length), now) : false
      if (same && (before === ZEROS || before.length === now.length)) continue
      const bytes = now.slice()
      this.bytes += bytes.length
      if (versions === undefined) this.versions[page] = [{ moment, bytes }]
      else versions.push({ moment, bytes })
    }
  }

  /** Fills `memory` with what it held at `moment`. */
  restore(moment: number, memory: Uint8Array): void {
    memory.fill(0)
    for (const [page, versions] of this.versions.entries()) {
      const version = versions?.findLast((each) => each.moment <= moment)
      if (version === undefined) continue
      const to = this.page(memory, page)
      to.set(
        this.down
          ? version.bytes.subarray(Math.max(0, version.bytes.length - to.length))
          : version.bytes.subarray(0, to.length),
        this.down ? Math.max(0, to.length - version.bytes.length) : 0,
      )
    }
  }

  /** Only moments for which `keeps` holds are asked for from now on, the latest among them. */
  thin(keeps: (moment: number) => boolean): void {
    this.bytes = 0
    for (const versions of this.versions) {
      if (versions === undefined) continue
      // A version serves the moments from its own to the next one's.
      const last = versions.length - 1
      const kept = versions.filter((version, i) => {
        if (i === last) return true
        const until = (versions[i + 1] as Version).moment
        for (let moment = version.moment; moment < until; moment++) if (keeps(moment)) return true
        return false
      })
      versions.splice(0, versions.length, ...kept)
      for (const { bytes } of kept) this.bytes += bytes.length
    }
  }
}
