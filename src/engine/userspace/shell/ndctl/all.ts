/** The commands of ndctl beside create-namespace. */

import { busCommands } from './bus.ts'
import { createMore } from './create-new.ts'
import { dimmCommands } from './dimm.ts'
import { cmd_inject_error } from './inject.ts'
import { cmd_list } from './list.ts'
import { namespaceCommands } from './namespace.ts'
import { ndctlWith } from './ndctl.ts'
import { regionCommands } from './region.ts'

const more = {
  list: cmd_list,
  ...namespaceCommands,
  ...regionCommands,
  ...dimmCommands,
  ...busCommands,
  'inject-error': cmd_inject_error,
}

export const wholeNdctl = ndctlWith(more, createMore)

export const wholeNdctlCommands: readonly string[] = ['create-namespace', ...Object.keys(more)]
