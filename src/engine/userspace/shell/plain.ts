/**
 * The shell that most scenarios do with: `setup:` is lines of plain words, each a call of `ndctl create-namespace`. A scenario that asks for
 * anything more gets the whole shell (`whole.ts`), in the page as on the command line: which one runs depends on the text
 * alone.
 */

import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { ndctl } from './ndctl/ndctl.ts'
import type { Print, SetupProblem } from './shell.ts'

const RECONFIG = String.raw`[ \t]+(?:-f?e|--reconfig)[ \t=]?[\w.]+`
const OPTION = String.raw`[ \t]+(?:-f|--force|-v|--verbose|${[
  '(?:-m|--mode)[ \\t=]?(?:devdax|dax|fsdax|memory|raw)',
  '(?:-M|--map)[ \\t=]?(?:mem|dev)',
  '(?:-a|--align)[ \\t=]?\\w+',
  '(?:-u|--uuid)[ \\t=]?[\\w-]+',
].join('|')})`
const LINE = new RegExp(String.raw`^\s*(?:#.*|ndctl[ \t]+create-namespace(?:${OPTION})*${RECONFIG}(?:${OPTION})*\s*)?$`)

/** No line asks for the whole shell, nor for more than turning a namespace into one of memory. */
export const isPlain = (text: string): boolean => text.split('\n').every((line) => LINE.test(line))

const run_command = kfunc('shell: shell', function* run_command(k: Kernel, args: readonly string[]) {
  return yield* ndctl(k, args)
})

/**
 * Run `text`, whose first line is `firstLine` of the scenario; undefined when every line went well, else the line of
 * the command and what the tool said.
 */
export const plainSetup = kfunc(
  'shell: shell',
  function* setup(k: Kernel, text: string, firstLine: number, print: Print) {
    for (const [index, line] of text.split('\n').entries()) {
      const [name = '', ...args] = line.trim().split(/\s+/)
      if (name !== 'ndctl') continue
      const { output, error, status } = yield* run_command(k, args)
      if (output !== '') print(output, 1)
      if (status !== 0) return { line: firstLine + index, message: error } as SetupProblem | undefined
    }
    return undefined
  },
)
