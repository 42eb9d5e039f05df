import { describe, expect, test } from 'vitest'
import { DEFAULT_MODEL } from '../../../engine/explore/model.ts'
import { decide } from '../../../engine/litmus/decide.ts'
import type { LitmusTest } from '../../../engine/litmus/test.ts'
import { parseLitmus } from '../parse.ts'

function parsed(text: string): LitmusTest {
  const result = parseLitmus(text)
  if (!result.ok) throw new Error(result.error.map((d) => `${d.line}:${d.column}: ${d.message}`).join('\n'))
  return result.value
}

/** The instructions of the only thread of a test. */
const code = (init: string, instructions: string, dialect = 'X86_64') =>
  parsed(`${dialect} T\n{${init}}\n P0 ;\n ${instructions.replaceAll(';', ';\n')} ;\nforall 0:r15=0`).program.threads[0]
    ?.code

const shape = (init: string, instructions: string): string =>
  code(init, instructions)
    ?.map(({ op }) => op)
    .join(' ') ?? ''

describe('both dialects', () => {
  const sb = (rows: string, condition: string, dialect: string): LitmusTest =>
    parsed(`${dialect} SB\n"Store buffering"\nCycle=Fre PodWR\n{ }\n P0 | P1 ;\n${rows}\nexists ${condition}\n`)

  test('say the same in their own ways', () => {
    const x86 = sb(' MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;', '(0:EAX=0 /\\ 1:EAX=0)', 'X86')
    const x64 = sb(' movl $1,(x) | movl $1,(y) ;\n movl (y),%eax | movl (x),%eax ;', '(0:rax=0 /\\ 1:rax=0)', 'X86_64')
    expect(x86.program).toEqual(x64.program)
    expect(x86.formula).toEqual(x64.formula)
    expect([x86.registers, x64.registers]).toEqual([
      [['EAX'], ['EAX']],
      [['rax'], ['rax']],
    ])
    expect(x64).toMatchObject({ name: 'SB', shows: 'Store buffering', when: 'final', verdict: undefined })
    expect(x64.program.threads[0]?.code).toEqual([
      { op: 'store', at: { cell: 0, offset: 0, size: 4 }, value: { value: 1n } },
      { op: 'load', reg: 0, at: { cell: 1, offset: 0, size: 4 } },
    ])
  })

  test('may be written the other way round, if a number shows which operand is the destination', () => {
    expect(code('', 'mov [x],$1; mov ebx,[x]')).toEqual(code('', 'movl $1,(x); movl (x),%ebx'))
    expect(code('', 'movl $1,(x); movl (x),%ebx', 'X86')).toEqual(code('', 'movl $1,(x); movl (x),%ebx'))
  })

  test('take comments, blank lines, line ends and cells that lie anywhere', () => {
    const plain = sb(' movl $1,(x) | ;\n mfence | ;\n | movl (x),%eax ;', '(1:rax=0)', 'X86_64')
    const shaped = parsed(
      '(* a (* nested *) test *)\r\nx86_64   SB  ("tex")\r\n"Store\r\n buffering"\r\nCom=Fr # x\r\n\r\n{\r\n}\r\n;P0|P1;\r\n' +
        'MOVL $0x1 , (x)\t|; (* row *)\r\n\r\nMFENCE;\r\n|movl [x],%EAX;\r\nexists 1:%rax = 0;\r\n\r\n',
    )
    expect({ ...shaped.program }).toEqual(plain.program)
    expect(shaped.formula).toEqual(plain.formula)
  })

  test('ask with exists, ~exists, forall and final', () => {
    const ask = (question: string) => {
      const { quantifier, verdict, when } = parsed(`X86_64 T\n{x=1;}\n P0 ;\n nop ;\n${question}`)
      return [when, quantifier, verdict]
    }
    expect(ask('exists ([x]=1)')).toEqual(['final', 'exists', undefined])
    expect(ask('~exists x=1')).toEqual(['final', '~exists', 'forbidden'])
    expect(ask('~ exists (not (x=1 \\/ x!=2))')).toEqual(['final', '~exists', 'forbidden'])
    expect(ask('locations [x; 0:rax;]\nforall (x=1 /\\ true => 0:rbx=0)')).toEqual(['final', 'forall', 'forbidden'])
    expect(ask('final (x=1)')).toEqual(['final', 'exists', undefined])
    expect(ask('persists (x=1)')).toEqual(['crash', 'exists', undefined])
    expect(ask('~persists (x=1)')).toEqual(['crash', '~exists', 'forbidden'])
    expect(ask('end-persists (x=1)')).toEqual(['end-crash', 'exists', undefined])
    expect(ask('eadr-persists (x=1)')).toEqual(['eadr', 'exists', undefined])
  })

  test('may give a verdict and a count of images, which are ours', () => {
    const text =
      'X86_64 T\nVerdict=Forbidden\nVerdict[word] = allowed\nImages=3\n{}\n P0 ;\n movl $1,(x) ;\npersists (x=7)'
    expect(parsed(text)).toMatchObject({
      verdict: 'forbidden',
      verdicts: [{ option: 'unit=word', verdict: 'allowed' }],
      images: 3,
    })
  })
})

test.each([
  ['X86 SB', 'MOV [x],$1 | MOV [y],$1; MOV EAX,[y] | MOV EAX,[x]', 'exists (0:EAX=0 /\\ 1:EAX=0)', 'allowed'],
  [
    'X86 SB+mfences',
    'MOV [x],$1 | MOV [y],$1; MFENCE | MFENCE; MOV EAX,[y] | MOV EAX,[x]',
    '~exists (0:EAX=0 /\\ 1:EAX=0)',
    'forbidden',
  ],
  [
    'X86 SB+xchg',
    'MOV EAX,$1 | MOV EAX,$1; XCHG [x],EAX | XCHG [y],EAX; MOV EBX,[y] | MOV EBX,[x]',
    'forall (0:EBX=1 \\/ 1:EBX=1)',
    'forbidden',
  ],
  ['X86 MP', 'MOV [x],$1 | MOV EAX,[y]; MOV [y],$1 | MOV EBX,[x]', '~exists (1:EAX=1 /\\ 1:EBX=0)', 'forbidden'],
  [
    'X86_64 MP+nt',
    'movntil $1,(x) | movl (y),%eax; movl $1,(y) | movl (x),%ebx',
    'exists (1:rax=1 /\\ 1:rbx=0)',
    'allowed',
  ],
  ['X86_64 2+2W', 'movl $2,(x) | movl $2,(y); movl $1,(y) | movl $1,(x)', 'exists ([x]=2 /\\ [y]=2)', 'forbidden'],
  [
    'X86_64 LB',
    'movl (x),%eax | movl (y),%eax; movl $1,(y) | movl $1,(x)',
    'exists (0:rax=1 /\\ 1:rax=1)',
    'forbidden',
  ],
  ['X86_64 inc', 'incl (x) | incl (x)', 'exists (x=1)', 'allowed'],
  ['X86_64 lock-inc', 'lock incl (x) | lock incl (x)', 'forall (x=2)', 'forbidden'],
  ['X86_64 commit', 'movl $1,(x) | ; clwb (x) | ; sfence | ; movl $1,(y) |', '~persists (x=0 /\\ y=1)', 'forbidden'],
  ['X86_64 no-fence', 'movl $1,(x) | ; clwb (x) | ; movl $1,(y) |', 'persists (x=0 /\\ y=1)', 'allowed'],
  ['X86_64 eadr', 'movl $1,(x) | ; movl $1,(y) |', '~eadr-persists (x=0 /\\ y=1)', 'forbidden'],
  ['X86_64 end', 'movl $1,(x) | ; clflush (x) |', '~end-persists (x=0)', 'forbidden'],
])('%s: %s, %s is %s', (head, rows, question, verdict) => {
  const table = rows.split(';').map((row) => ` ${row} ;\n`)
  const litmus = parsed(`${head}\n{ }\n P0 | P1 ;\n${table.join('')}${question}\n`)
  expect(decide(litmus, { model: DEFAULT_MODEL, maxStates: 100_000 })).toMatchObject({ verdict, complete: true })
})

describe('the initial state', () => {
  const places = (init: string, use = 'nop') => {
    const { locations, program } = parsed(`X86_64 T\n{${init}}\n P0 ;\n ${use} ;\nforall 0:r15=0`)
    return locations.map(({ name, cell, offset, size }) => {
      const value = BigInt.asUintN(8 * size, (program.initial[cell] ?? 0n) >> BigInt(8 * offset))
      return `${name}: line ${program.lineOf[cell]} cell ${cell}+${offset} ${size} bytes =${value}`
    })
  }

  test('gives every location a line of its own, and four bytes unless a type or an access says more', () => {
    expect(places('x=1; [y]=2; uint64_t z=0xff; int8_t w=-1', 'movq $1,(x)')).toEqual([
      'x: line 0 cell 0+0 8 bytes =1',
      'y: line 1 cell 1+0 4 bytes =2',
      'z: line 2 cell 2+0 8 bytes =255',
      'w: line 3 cell 3+0 1 bytes =255',
    ])
  })

  test('lays out arrays by the size of their elements', () => {
    expect(places('int64_t t[2]={1,-1}; int u[3]={1,2,3}')).toEqual([
      't[0]: line 0 cell 0+0 8 bytes =1',
      `t[1]: line 0 cell 1+0 8 bytes =${2n ** 64n - 1n}`,
      'u[0]: line 1 cell 2+0 4 bytes =1',
      'u[1]: line 1 cell 2+4 4 bytes =2',
      'u[2]: line 1 cell 3+0 4 bytes =3',
    ])
  })

  test('puts locations on lines by hand, which is ours', () => {
    expect(places('x:line0+0; int64_t y:line0+8=7; z; w:line3+4; v:line3')).toEqual([
      'x: line 0 cell 0+0 4 bytes =0',
      'y: line 0 cell 1+0 8 bytes =7',
      'z: line 1 cell 2+0 4 bytes =0',
      'w: line 2 cell 3+4 4 bytes =0',
      'v: line 2 cell 3+0 4 bytes =0',
    ])
  })

  test('puts numbers and addresses into registers', () => {
    const access = 'int64_t t[2]={1,-1}; 0:rax=t; 0:rbx=1; 0:rdx=t[1]; int64_t 0:rcx'
    const at = { cell: 1, offset: 0, size: 8 }
    for (const operand of ['0(%rax,%ebx,8)', '8(%rax)', '(%rdx)', '[rax+8]', '8(t)', '(t+8)']) {
      expect(code(access, `movq ${operand},%rcx`)).toEqual([{ op: 'load', reg: 1, at }])
    }
    expect(code('0:rax=x', 'clwb (%rax)')).toEqual([{ op: 'clwb', line: 0 }])
  })
})

describe('instructions become those of the program', () => {
  test.each([
    ['', 'movl $1,(x)', 'store'],
    ['', 'movl %eax,%ebx', 'move'],
    ['', 'movq %rax,%rbx', 'move'],
    ['', 'movq $-1,%rax; movl %eax,%ebx', 'move move compute'],
    ['', 'movb (x),%al', 'load compute compute'],
    ['', 'movntiq %rax,(x); movntil $1,(y)', 'movnt movnt'],
    ['', 'movdir64b $7,(x)', 'movdir64b'],
    ['', 'xchgl %eax,(x); xchgl (x),%eax; lock xchg %eax,(x)', 'rmw rmw rmw'],
    ['', 'xchgl %eax,%ebx', 'move move move'],
    ['', 'lock cmpxchgl %ebx,(x)', 'cas'],
    ['', 'cmpxchgl %ebx,(x)', 'move load branch store goto move'],
    ['', 'lock xaddl %eax,(x); lock addl $1,(x); lock incl (x); lock notl (x); lock decl (x)', 'rmw rmw rmw rmw rmw'],
    ['', 'xaddl %eax,(x)', 'load move compute store move'],
    ['', 'addl $1,(x)', 'load compute store'],
    ['', 'addl (x),%eax', 'load compute'],
    ['', 'incl %eax; decl %eax; subl %ebx,%eax; xorl %eax,%eax', 'compute compute compute compute'],
    ['', 'cmpl $1,%eax', ''],
    ['', 'L: cmpl $1,%eax; jne L', 'move move branch'],
    ['', 'L: lock decl (x); jne L', 'rmw compute move branch'],
    ['', 'decl %eax; js E; nop; E:', 'compute move move move compute branch'],
    [
      '',
      'testl %eax,%eax; sete %bl',
      'move move compute move move branch move compute compute compute'.replace(
        ' compute compute compute',
        ' move compute compute',
      ),
    ],
    ['', 'cmp %eax,(x); cmovel %ebx,%ecx', 'load move move branch move'],
    ['', 'clflush (x); clflushopt (x); clwb (x)', 'clflush clflushopt clwb'],
    ['', 'mfence; sfence; lfence; nop; endbr64; pause; nopw 0(%rax)', 'mfence sfence lfence'],
    ['', 'jmp E; ret; E:', 'goto goto'],
  ])('%s%s', (init, instructions, expected) => {
    expect(shape(init, instructions)).toBe(expected)
  })

  test('and numbers are cut to the size of the access', () => {
    expect(code('', 'movb $-1,(x)')?.[0]).toMatchObject({ value: { value: 255n } })
    expect(code('', 'movq $-1,(x)')?.[0]).toMatchObject({ value: { value: 2n ** 64n - 1n } })
  })
})

describe('mistakes are told with their places', () => {
  const text = (o: { head?: string; init?: string; rows?: string; question?: string } = {}): string =>
    `X86_64 T${o.head ?? ''}\n{${o.init ?? ''}}\n P0 | P1 ;\n${o.rows ?? ' movl $1,(x) | nop ;'}\n${o.question ?? 'exists (x=1)'}`
  const rows = (one: string): string => text({ rows: ` ${one} | movl $1,(x) ;` })

  test.each([
    [rows('mvol $1,(x)'), ['4:2+4: unknown instruction `mvol` (did you mean `movl`?)']],
    [rows('movl $1'), ['4:9+1: movl takes two operands, found 1']],
    [rows('mfence %eax'), ['4:9+1: mfence takes no operands, found 1']],
    [rows('movl %eax,$1'), ["4:13+1: movl: the destination, here the last operand, can't be a number"]],
    [rows('movl %exa,(x)'), ['4:8+3: unknown register `exa` (did you mean `eax`?)']],
    [rows('movb %ah,(x)'), ['4:8+2: the byte register `ah` is not modelled']],
    [rows('movq %eax,(x)'), ['4:8+3: movq: an operand of 4 bytes where 8 bytes are accessed']],
    [rows('movb $300,(x)'), ['4:8+3: `300` does not fit into 1 byte']],
    [
      rows('movl $x,%eax'),
      ['4:8+1: expected a number, found `x` (give a register an address in the initial state: `0:rax=x`)'],
    ],
    [rows('movl (%rax),%ebx'), ['4:9+3: `rax` holds no address (give it one in the initial state: `0:rax=x`)']],
    [rows('movl (x),(x)'), ['4:7+1: movl: only one operand can be in memory']],
    [rows('lock movl $1,(x)'), ['4:7+4: `lock movl` does not exist: it needs an instruction that changes memory']],
    [rows('lock negl (x)'), ['4:7+4: `lock negl` is not modelled']],
    [rows('je L'), ['4:2+2: no comparison stands before `je`', '4:5+1: thread 0 has no label `L`']],
    [rows('movl 4(x),%eax'), ['4:7+1: this is outside `x`']],
    [text({ rows: ' movl $1,(x) | nop | nop ;' }), ['4:22+3: the row has 3 cells, but there are 2 threads']],
    [
      text({ rows: ' movl $1,(x) | nop\n mfence | nop ;' }),
      ['4:16+3: expected `;` at the end of the row (every row ends with `;`, its cells are separated by `|`)'],
    ],
    [
      text({ question: '' }),
      [
        '4:21+1: there is no condition (`exists (…)`, `~exists (…)`, `forall (…)`, or `persists (…)` for a power failure)',
      ],
    ],
    [text({ question: 'exists ()' }), ['5:9+1: expected a location or a register such as `x` or `0:r`, found `)`']],
    [text({ question: 'exists' }), ['5:7+1: expected a condition such as `x=0`, found nothing']],
    [
      text({ question: 'exists (z=1)' }),
      ['5:9+1: there is no location `z`: no instruction uses it (did you mean `x`?)'],
    ],
    ...['exists (true)', 'forall (~(false))', '~exists (false)'].map((question): [string, string[]] => {
      const [column, length] = question.startsWith('~') ? [2, 6] : [1, 6]
      const said = 'the condition names no location and no register: it asks nothing'
      return [text({ question }), [`5:${column}+${length}: ${said}`]]
    }),
    [text({ question: 'persists (true)' }), ['5:1+8: the condition names no location: it asks nothing']],
    [
      text({ question: 'locations [x;]\n(x=1)' }),
      ['6:1+1: expected `exists`, `~exists`, `forall` or `persists`, found `(`'],
    ],
    [
      text({ head: '\nImages=2' }),
      ['2:1+6: images are what a power failure leaves: this condition is on the end of the program'],
    ],
    [text({ question: 'exists (2:rax=1)' }), ['5:9+1: there is no thread 2']],
    [text({ question: 'exists (0:rxa=1)' }), ['5:11+3: unknown register `rxa` (did you mean `rax`?)']],
    [text({ question: 'persists (0:rax=1)' }), ['5:11+1: registers do not survive a power failure']],
    [
      text({ question: 'exists (x=1) exists' }),
      ['5:14+6: expected `/\\`, `\\/` or the end of the condition, found `exists`'],
    ],
    [text({ question: 'filter (x=1)\nexists (x=1)' }), ['5:1+6: `filter` is not carried out']],
    [text({ init: 'x:lin0' }), ['2:4+4: expected a place such as `line0+8`, found `lin0`']],
    [text({ init: 'x:line0; y:line0+2; int64_t z:line0+8' }), ['2:13+5: `y` lies on `x`']],
    [text({ init: 'x:line0+6' }), ['2:4+5: `x` crosses an eight-byte boundary']],
    [
      text({ init: 'p=x' }),
      ['2:4+1: a location that holds an address is not modelled (an address in a register is: `0:rax=x`)'],
    ],
    [text({ init: '5:rax=1' }), ['2:2+1: there is no thread 5']],
    [text({ init: 'int t[2]={1}' }), ['2:13+1: there are 1 values for 2 elements']],
    [
      text({ init: '0:rax=x', rows: ' movl $1,%eax | nop ;' }),
      ['4:11+3: rax holds an address, so nothing else may be written to it'],
    ],
    [text({ head: '\nVerdict=maybe' }), ['2:9+5: expected `allowed` or `forbidden`, found `maybe`']],
    ['X86_64 T\n', ['2:1+1: there is no initial state (`{ }` before the table of threads, if everything begins as 0)']],
    ['X86_64 T\n{ x=1;\n P0;', ['2:1+1: this brace is never closed: expected `}` behind the initial state']],
    [
      'X86_64 T\n{}\nexists (x=1)',
      ['3:1+6: there is no thread (a table such as `P0 | P1 ;` and its rows, each ended by `;`)'],
    ],
    ['X86_64 T\n{}\n P0 | Q1 ;\nexists (x=1)', ['3:7+2: expected a thread such as `P0`, found `Q1`']],
    [
      'X86_64 T\n{}\n P0 | P2 ;\nexists (x=1)',
      ['3:8+1: there is a thread 2 but no thread 1: threads are numbered from 0 without gaps'],
    ],
  ])('%j', (broken, expected) => {
    const result = parseLitmus(broken)
    const said = result.ok
      ? []
      : result.error.map(
          (d) => `${d.line}:${d.column}+${d.length}: ${d.message}${d.hint === undefined ? '' : ` (${d.hint})`}`,
        )
    expect(said).toEqual(expected)
  })
})
