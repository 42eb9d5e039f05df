/** A program as text, one line a thread, for whoever reads a counterexample. The notation is that of reader.ts. */

import type { Instruction, Operand, Place, Program } from '../../src/engine/explore/program.ts'

const NAMES = 'xyzuvw'

const place = ({ cell, offset, size }: Place): string => `${NAMES[cell]}${size === 8 ? '' : `+${offset}/${size}`}`
const operand = (o: Operand): string => ('reg' in o ? `r${o.reg}` : String(o.value))

function show(i: Instruction, lineOf: readonly number[]): string {
  const onLine = (line: number): string => NAMES[lineOf.indexOf(line)] ?? ''
  switch (i.op) {
    case 'store':
      return `store ${place(i.at)} ${operand(i.value)}`
    case 'movnt':
      return `nt ${place(i.at)} ${operand(i.value)}`
    case 'movdir64b':
      return `movdir64b ${onLine(i.line)} ${operand(i.value)}`
    case 'load':
      return `load r${i.reg} ${place(i.at)}`
    case 'rmw':
      return `${i.modify} r${i.reg} ${place(i.at)} ${operand(i.value)}`
    case 'cas':
      return `cas r${i.reg} ${place(i.at)} ${operand(i.expected)} ${operand(i.desired)}`
    case 'clwb':
    case 'clflushopt':
    case 'clflush':
      return `${i.op} ${onLine(i.line)}`
    case 'move':
      return `mov r${i.reg} ${operand(i.value)}`
    case 'compute':
      return `${i.modify}.${i.size} r${i.reg} ${operand(i.value)}`
    case 'branch':
      return `if ${operand(i.a)} ${i.when}.${i.size} ${operand(i.b)} goto ${i.to}`
    case 'goto':
      return `goto ${i.to}`
    default:
      return i.op
  }
}

export function showProgram({ lineOf, initial, threads }: Program): string {
  const lines = [...new Set(lineOf)].map((line) => lineOf.flatMap((l, c) => (l === line ? [NAMES[c]] : [])).join(','))
  const init = initial.flatMap((v, cell) => (v === 0n ? [] : [`${NAMES[cell]}=${v}`]))
  return [
    `layout: ${lines.map((names) => `{${names}}`).join(' ')}`,
    ...(init.length === 0 ? [] : [`init: ${init.join(' ')}`]),
    ...threads.map(({ code }, t) => `thread ${t}: ${code.map((i) => show(i, lineOf)).join('; ')}`),
  ].join('\n')
}
