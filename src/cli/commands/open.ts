/** `pmemscope open URL`: the scenario that an address holds, byte for byte. */

import { decode } from '../../share/link.ts'
import type { Arguments } from '../arguments.ts'
import { type Command, complain, FINE, JSON_OPTION, json, readText, type World } from '../command.ts'

export const openCommand: Command = {
  name: 'open',
  operands: ['URL'],
  summary: 'print the scenario that an address holds',
  options: { json: JSON_OPTION },
  run,
}

async function run(given: Arguments, world: World): Promise<number> {
  const [operand = ''] = given.operands
  let address = operand
  if (operand === '-') {
    const read = await readText(world, operand)
    if (!read.ok) return complain(world, read.error)
    address = read.value.trim()
  }
  const hash = address.indexOf('#')
  const state = await decode(hash < 0 ? address : address.slice(hash))
  if (!state.ok) return complain(world, state.error.message)
  world.terminal.out(given.has('json') ? json(state.value) : state.value.text)
  return FINE
}
