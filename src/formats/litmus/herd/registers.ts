/** The general registers of x86-64 and the names of their parts: `eax` is the lower half of `rax`. */

export type Size = 1 | 2 | 4 | 8

export interface Register {
  /** The 64-bit register: "rax", "r8". */
  readonly base: string
  /** Bytes, from the lowest. */
  readonly size: Size
}

const LETTERED = ['a', 'b', 'c', 'd'] as const
const INDEXED = ['si', 'di', 'bp', 'sp'] as const

const REGISTERS = new Map<string, Register>([
  ...LETTERED.flatMap((x) => parts(`r${x}x`, `e${x}x`, `${x}x`, `${x}l`)),
  ...INDEXED.flatMap((x) => parts(`r${x}`, `e${x}`, x, `${x}l`)),
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((n) => parts(`r${n}`, `r${n}d`, `r${n}w`, `r${n}b`)),
])

function parts(base: string, half: string, quarter: string, byte: string): readonly (readonly [string, Register])[] {
  return [
    [base, { base, size: 8 }],
    [half, { base, size: 4 }],
    [quarter, { base, size: 2 }],
    [byte, { base, size: 1 }],
  ]
}

export const registerOf = (name: string): Register | undefined => REGISTERS.get(name.toLowerCase())

export const registerNames = (): Iterable<string> => REGISTERS.keys()

/** `rax` in X86_64, `EAX` in X86: how herd's tests of each dialect name a register. */
export function displayName(base: string, dialect: Dialect): string {
  if (dialect === 'X86_64') return base
  const half = Array.from(REGISTERS).find(([, register]) => register.base === base && register.size === 4)
  return (half?.[0] ?? base).toUpperCase()
}

export type Dialect = 'X86' | 'X86_64'
