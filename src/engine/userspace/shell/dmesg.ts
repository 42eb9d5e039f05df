/** dmesg: the kernel's log, as util-linux prints it, with kernel time. Left out: colours, facilities, following it. */

import { kmsg_read } from '../../linux/fs/proc/kmsg.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering } from './files.ts'
import { optionsOf } from './options.ts'
import { done, failed } from './tool.ts'

const LEVELS: Readonly<Record<string, number>> = { err: 3, warn: 4, notice: 5, info: 6, debug: 7 }

/** Seconds since the boot, "    1.504000". */
function stamp(nsec: bigint): string {
  const micro = nsec / 1000n
  return `${String(micro / 1_000_000n).padStart(5)}.${String(micro % 1_000_000n).padStart(6, '0')}`
}

export const dmesg = kfunc('shell: util-linux/dmesg.c', function* dmesg(k: Kernel, args: readonly string[]) {
  const options = optionsOf('dmesg', args, 'trx', 'l')
  if (!options.ok) return failed(options.error)
  const { flags, values } = options.value
  const wanted = values.get('l')?.split(',')
  const unknown = wanted?.find((level) => !Object.hasOwn(LEVELS, level))
  if (unknown !== undefined) return failed(`dmesg: unknown level '${unknown}'`)
  let output = ''
  for (const { level, text, nsec } of yield* kmsg_read(entering(k))) {
    if (wanted !== undefined && !wanted.includes(level)) continue
    const facility = flags.has('r') ? `<${LEVELS[level] ?? 6}>` : flags.has('x') ? `kern  :${level.padEnd(6)}: ` : ''
    output += `${facility}${flags.has('t') ? '' : `[${stamp(nsec)}] `}${text}\n`
  }
  return done(output)
})
