/**
 * The fragment of a shared address: `#1.PAYLOAD.CHECKSUM`.
 *
 * PAYLOAD is the state as JSON in UTF-8, deflated without header, in base64url; CHECKSUM the CRC-32 of the deflated
 * bytes in 8 hexadecimal digits, last, so that a link that lost its end is known.
 */

import { fromBase64, hex, toBase64Url } from '../base/bytes.ts'
import { err, ok, type Result } from '../base/result.ts'
import { crc32 } from './crc32.ts'
import { deflate, inflate } from './deflate.ts'
import { fromPayload, type ShareState, toPayload, VERSION } from './state.ts'

export interface ShareProblem {
  readonly kind: 'not-a-link' | 'damaged' | 'truncated' | 'oversized' | 'newer-version' | 'invalid'
  /** For people. */
  readonly message: string
}

/** Characters: where mail programs, then chat programs, begin to cut; what is refused; what is read at all. */
const LONG = 2_000
const VERY_LONG = 4_000
const MOST_WRITTEN = 32_000
const MOST_READ = 64 * 1024
/** Bytes of the inflated payload. */
const MOST_INFLATED = 256 * 1024

/** The fragment, `#` included. */
export async function encode(state: ShareState): Promise<Result<string, ShareProblem>> {
  const payload = new TextEncoder().encode(JSON.stringify(toPayload(state)))
  if (payload.length > MOST_INFLATED) return tooLarge(payload.length, 'bytes', MOST_INFLATED)
  const checked = fromPayload(toPayload(state), VERSION)
  if (!checked.ok) return problem('invalid', `This can't be put into a link: ${checked.error}.`)
  const packed = await deflate(payload)
  const fragment = `#${VERSION}.${toBase64Url(packed)}.${hex(crc32(packed), 8)}`
  if (fragment.length > MOST_WRITTEN) return tooLarge(fragment.length, 'characters', MOST_WRITTEN)
  return ok(fragment)
}

/** Undefined when the link is short enough to be sent anywhere. */
export function lengthWarning(link: string): string | undefined {
  if (link.length > VERY_LONG) {
    return `This link has ${link.length} characters; many programs cut links of that length. Send the file instead.`
  }
  if (link.length > LONG) return `This link has ${link.length} characters; some programs cut links of that length.`
  return undefined
}

/** Reads a fragment, with or without its `#`. */
export async function decode(fragment: string): Promise<Result<ShareState, ShareProblem>> {
  if (fragment.length > MOST_READ) {
    return problem('oversized', `This link has ${fragment.length} characters; at most ${MOST_READ} are read.`)
  }
  const link = /^#?([1-9]\d{0,8})\.([^.]*)(?:\.(.*))?$/s.exec(fragment)
  if (link === null) return problem('not-a-link', 'This address holds no pmemscope scenario.')
  const [, versionText, payload = '', checksum = ''] = link
  const version = Number(versionText)
  if (version > VERSION) {
    return problem(
      'newer-version',
      `This link was made by a newer pmemscope (version ${version}; this one reads up to ${VERSION}). ` +
        'Reload the page, or ask for the scenario as a file.',
    )
  }
  if (/^[0-9a-f]{0,7}$/.test(checksum)) {
    return problem('truncated', 'The end of this link is missing: it was cut on its way. Ask for it again, as a file.')
  }
  const packed = /^[\w-]*$/.test(payload) ? fromBase64(payload) : undefined
  if (packed === undefined || hex(crc32(packed), 8) !== checksum) return damaged
  const inflated = await inflate(packed as Uint8Array<ArrayBuffer>, MOST_INFLATED)
  if (!inflated.ok) {
    if (inflated.error === 'damaged') return damaged
    return problem('oversized', `This link unpacks to more than ${MOST_INFLATED / 1024} KiB, which is refused.`)
  }
  const json = parseJson(inflated.value)
  if (!json.ok) return damaged
  const state = fromPayload(json.value, version)
  if (!state.ok) return problem('invalid', `This link is whole, but what it holds makes no sense (${state.error}).`)
  return state
}

const problem = (kind: ShareProblem['kind'], message: string): Result<never, ShareProblem> => err({ kind, message })

const damaged = problem('damaged', 'This link is damaged: some of its characters were changed on the way.')

const tooLarge = (size: number, unit: string, most: number): Result<never, ShareProblem> =>
  problem('oversized', `This scenario is too large for a link (${size} ${unit}, at most ${most}): save it as a file.`)

function parseJson(bytes: Uint8Array): Result<unknown, 'damaged'> {
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown)
  } catch {
    return err('damaged')
  }
}
