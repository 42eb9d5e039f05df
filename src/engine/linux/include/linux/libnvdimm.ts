/** include/linux/libnvdimm.h: what firmware does for the kernel behind its methods, as the kernel sees it. */

/** What firmware stores of a label area at once, bytes. */
export const LABEL_WORD = 8

/** A DIMM's label area behind Get Config Size, Get Config Data and Set Config Data. */
export interface LabelArea {
  /** Bytes. */
  readonly size: number
  /** Longest transfer of one command, bytes. */
  readonly max_xfer: number
  /** The part of the range that lies inside the area. */
  read(offset: number, length: number): Uint8Array
  /** Up to LABEL_WORD bytes that do not cross a word; durable at once. */
  writeWord(offset: number, bytes: Uint8Array): void
}

/** A record of the status of an address range scrub: SPA and length, bytes. */
export interface MediaError {
  readonly start: number
  readonly length: number
}

/** What the platform knows of unreadable media. Whoever owns the media keeps it, and journals what changes. */
export interface MediaErrors {
  records: readonly MediaError[]
  /** Clearing must be aligned to this, bytes, a power of two. */
  readonly clear_err_unit: number
  /** Firmware takes errors that are injected on purpose. */
  readonly injectable?: boolean
}
