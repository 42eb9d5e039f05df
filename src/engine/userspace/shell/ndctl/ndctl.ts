/**
 * ndctl: the tool and its commands.
 *
 * Source: ndctl 76 (ndctl/ndctl.c). This much is loaded with every machine; a shell adds the other commands (`all.ts`).
 */

import type { Kernel } from '../../../linux/kernel.ts'
import { kfunc, type Op } from '../../../sim/kfunc.ts'
import { done, failed, type Outcome } from '../tool.ts'
import { type CreateMore, cmd_create_namespace } from './create.ts'

export type Command = (k: Kernel, args: readonly string[]) => Op<Outcome>

const VERSION = '76.1'

/** The tool with commands beside create-namespace. */
export function ndctlWith(more: Readonly<Record<string, Command>>, createMore?: CreateMore) {
  const commands: Readonly<Record<string, Command>> = {
    ...more,
    'create-namespace': cmd_create_namespace(createMore),
  }
  const names = Object.keys(commands).sort()
  return kfunc('shell: ndctl/ndctl.c', function* ndctl(k: Kernel, args: readonly string[]) {
    const [command = '', ...rest] = args
    if (command === '--version' || command === '-v' || command === 'version') return done(`${VERSION}\n`)
    if (command === '--list-cmds') return done(`${names.join('\n')}\n`)
    const own = Object.hasOwn(commands, command) ? commands[command] : undefined
    if (own !== undefined) return yield* own(k, rest)
    if (command === '')
      return failed(`\n usage: ndctl [--version] [--help] COMMAND [ARGS]\n\n commands: ${names.join(' ')}`)
    return failed(`Unknown command: '${command}'`)
  })
}

export const ndctl = ndctlWith({})
