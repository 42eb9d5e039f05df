/** What a command may touch of the outside: files, standard input and output. Tests give their own. */

import { open, writeFile } from 'node:fs/promises'
import { err, ok, type Result } from '../base/result.ts'

export interface Terminal {
  /** The bytes of a file, `-` for standard input; the error is a reason for people. `limit`: bytes, at most. */
  read(path: string, limit?: number): Promise<Result<Uint8Array, string>>
  /** Undefined: it is written; otherwise a reason for people. */
  write(path: string, bytes: Uint8Array): Promise<string | undefined>
  out(text: string): void
  err(text: string): void
}

/** Bytes; more than any scenario or table has. */
const READ_LIMIT = 16 * 1024 * 1024

export const nodeTerminal: Terminal = {
  async read(path, limit = READ_LIMIT) {
    try {
      if (path === '-') return await readAll(process.stdin, limit)
      const file = await open(path)
      return await readAll(file.createReadStream(), limit)
    } catch (error) {
      return err(reasonOf(error))
    }
  },
  async write(path, bytes) {
    try {
      await writeFile(path, bytes)
      return undefined
    } catch (error) {
      return reasonOf(error)
    }
  },
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}

async function readAll(stream: AsyncIterable<unknown>, limit: number): Promise<Result<Uint8Array, string>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array)
    length += bytes.length
    if (length > limit) return err(`more than ${limit / 1024 / 1024} MiB, which is not read`)
    chunks.push(bytes)
  }
  return ok(new Uint8Array(Buffer.concat(chunks)))
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'this is a folder',
  EACCES: 'permission denied',
  ENOSPC: 'no space left',
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? error.message
}

/** Text of UTF-8 bytes, a byte order mark included; the error says where they are none. */
export function utf8(bytes: Uint8Array): Result<string, string> {
  const whole = decodable(bytes, bytes.length, false)
  if (whole !== undefined) return ok(whole)
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodable(bytes, middle, true) === undefined) bad = middle
    else good = middle
  }
  return err(`not UTF-8 text (at byte ${bad - 1})`)
}

function decodable(bytes: Uint8Array, length: number, more: boolean): string | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(bytes.subarray(0, length), { stream: more })
  } catch {
    return undefined
  }
}
