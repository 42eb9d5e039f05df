/**
 * Asks gcc what the programs of this folder print.
 *
 * judge.mjs [NAME…]           writes NAME.out, after making sure that -O2 and the sanitizers agree: a program whose
 *                             behaviour is undefined proves nothing
 * judge.mjs --check [NAME…]   compares only, with -O0
 */

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const BASE = ['-std=gnu11', '-w', '-msse2', '-pthread']
const WAYS = [
  ['-O0'],
  ['-O2'],
  ['-O1', '-fsanitize=undefined,address', '-fno-sanitize=alignment', '-fno-sanitize-recover=all'],
]

const words = process.argv.slice(2)
const check = words[0] === '--check'
const given = words.slice(check ? 1 : 0)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.c'))
  .map((file) => file.slice(0, -2))
  .filter((name) => given.length === 0 || given.includes(name))

const run = (command, args) =>
  new Promise((resolve) => {
    execFile(command, args, { encoding: 'latin1', maxBuffer: 1 << 26, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    )
  })

const place = mkdtempSync(join(tmpdir(), 'c-programs-'))

/** What the program prints when compiled this way, and its exit status if that is not 0. Throws where gcc refuses it. */
async function judged(name, way) {
  const binary = join(place, `${name}${WAYS.indexOf(way)}`)
  const compiled = await run('gcc', [...BASE, ...way, '-o', binary, join(folder, `${name}.c`), '-lm'])
  if (compiled.status !== 0) throw new Error(`${name} ${way.join(' ')}: ${compiled.stderr}`)
  const { status, stdout, stderr } = await run(binary, [])
  if (stderr.includes('runtime error') || stderr.includes('Sanitizer')) throw new Error(`${name}: ${stderr}`)
  return `${stdout}${status === 0 ? '' : `[exit ${status}]\n`}`
}

let differ = 0
async function look(name) {
  const file = join(folder, `${name}.out`)
  try {
    const printed = await judged(name, WAYS[0])
    if (check) {
      if (printed === readFileSync(file, 'latin1')) return
      throw new Error(`${name}: the kept output is not what gcc says`)
    }
    for (const way of WAYS.slice(1))
      if ((await judged(name, way)) !== printed) throw new Error(`${name}: ${way.join(' ')} prints something else`)
    writeFileSync(file, printed, 'latin1')
  } catch (error) {
    differ++
    console.log(error.message)
  }
}

const queue = [...names]
const worker = async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) await look(name)
}
await Promise.all(Array.from({ length: availableParallelism() }, worker))
rmSync(place, { recursive: true, force: true })
console.log(`${names.length} programs, ${differ} differ`)
process.exit(differ === 0 ? 0 : 1)
