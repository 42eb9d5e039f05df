import { expect, test } from 'vitest'
import { rare } from './check-rare.ts'
import { compile } from './compile.ts'
import { allHeaders as headers } from './more-headers.ts'

/** `line:column+length message (hint)` of everything that is wrong. */
function wrong(text: string): string[] {
  const result = compile(text, { headers, rare })
  if (result.ok) return []
  return result.error.map(
    (d) => `${d.line}:${d.column}+${d.length} ${d.message}${d.hint === undefined ? '' : ` (${d.hint})`}`,
  )
}
/** The same for a function's body, which starts in line 1, column 1 as it is read. */
const inside = (body: string): string[] =>
  wrong(
    `struct rec { int valid; long value; }; int twice(int a) { return a; }\nvoid f(struct rec *r, int n) {\n${body}\n}`,
  ).map((text) => text.replace(/^(\d+)/, (line) => String(Number(line) - 2)))

test('a correct program has nothing wrong', () => {
  expect(wrong('#include <stdio.h>\nint main(void) { printf("%d\\n", 1); return 0; }')).toEqual([])
})

test('a misspelt name is answered with the nearest one', () => {
  expect(inside('int count = n; cuont = 3;')).toEqual(["1:16+5 'cuont' is not declared (did you mean 'count'?)"])
  expect(inside('r->vald = 1;')).toEqual(["1:4+4 'struct rec' has no member 'vald' (did you mean 'valid'?)"])
  expect(inside('twise(1);')).toEqual(["1:1+5 function 'twise' is not declared (did you mean 'twice'?)"])
  expect(inside('unsinged x = 1; x = 2;')).toEqual(["1:1+8 unknown type name 'unsinged' (did you mean 'unsigned'?)"])
  expect(wrong('#include <stdoi.h>')).toEqual(["1:10+9 there is no header 'stdoi.h' (did you mean 'stdio.h'?)"])
  expect(wrong('#inlcude <stdio.h>')).toEqual([
    "1:2+7 '#inlcude' is no directive that is known here (did you mean 'include'?)",
  ])
})

test('a library function without its header is answered with the header', () => {
  expect(inside('_mm_clwb(r);')).toEqual(["1:1+8 function '_mm_clwb' is not declared (#include <immintrin.h>)"])
  expect(inside('r = MAP_FAILED;')).toEqual(["1:5+10 'MAP_FAILED' is not declared (#include <sys/mman.h>)"])
})

test('a forgotten semicolon is missed where it belongs, and the next line is read as usual', () => {
  expect(inside('int a = 1\nint b = 2; c = 3;')).toEqual([
    "1:10+1 expected ';' after the declaration",
    "2:12+1 'c' is not declared",
  ])
})

test('all mistakes of a program are told at once, in the order of the text', () => {
  expect(inside('a = 1;\nif (n = 3 { }\nreturn 1;\n5 = n;\nbreak;')).toEqual([
    "1:1+1 'a' is not declared",
    "2:11+1 expected ')' after the condition of 'if', found '{'",
    "3:8+1 'f' returns nothing, so it cannot return a value",
    '4:1+1 only a variable or an object in memory can be assigned to',
    "5:1+5 'break' outside a loop or switch",
  ])
})

test('a name that is not declared is told of once a scope', () => {
  expect(inside('x = x + x; y = 1;')).toEqual(["1:1+1 'x' is not declared", "1:12+1 'y' is not declared"])
})

test('calls are checked against the declaration', () => {
  expect(inside('twice();')).toEqual([
    "1:7+1 too few arguments: 'twice' takes 1 argument, 0 given (it is declared as 'int (int)')",
  ])
  expect(inside('twice(1, 2);')).toEqual([
    "1:10+1 too many arguments: 'twice' takes 1 argument, 2 given (it is declared as 'int (int)')",
  ])
  expect(inside('twice(r);')).toEqual([
    "1:7+1 argument 1 of 'twice' must be the integer 'int', not the pointer 'struct rec *' (a cast says that it is meant)",
  ])
  expect(inside('n(1);')).toEqual(["1:1+1 'int' is no function and cannot be called"])
})

test('pointers and integers are kept apart unless a cast says otherwise', () => {
  expect(inside('char *p = 5;')).toEqual([
    "1:11+1 the initial value must be the pointer 'char *', not the integer 'int' (a cast says that it is meant)",
  ])
  expect(inside('long *q = &r->valid;')).toEqual([
    "1:11+9 the initial value must be 'long *', not 'int *': the pointers are of different types (a cast says that it is meant)",
  ])
  expect(
    inside('char *p = 0; long *q = (long *)&r->valid; void *v = q; unsigned long *u = q; r = v; n = r == 0;'),
  ).toEqual([])
})

test('. and -> are answered with the other one', () => {
  expect(inside('r.valid = 1;')).toEqual([
    "1:1+1 '.' needs a struct or union, not 'struct rec *' (use '->' on a pointer)",
  ])
  expect(inside('(*r)->valid = 1;')).toEqual([
    "1:2+2 '->' needs a pointer to a struct or union, not 'struct rec' (use '.' on a struct)",
  ])
})

test('what is not supported says so', () => {
  expect(wrong('long double x;')).toEqual(["1:1+11 'long double' is not supported"])
  expect(wrong('_Atomic double x;')).toEqual(["1:1+14 an atomic 'double' is not supported"])
  expect(wrong('void f(void) __attribute__((constructor));')).toEqual([
    "1:29+11 attribute 'constructor' is not supported",
  ])
  expect(wrong('int n = ({ 1; });')).toEqual(["1:9+1 statement expressions '({ … })' stand in functions only"])
})

test('declarations that contradict each other name both sides', () => {
  expect(wrong('int f(int);\nlong f(int a) { return a; }')).toEqual([
    "2:6+1 'f' was declared as 'int (int)', now as 'long (int)'",
  ])
  expect(wrong('struct s { int a; };\nstruct s { int b; };')).toEqual([
    "2:8+1 struct 's' is defined twice (the first definition is in line 1)",
  ])
  expect(inside('int n2; long n2;')).toEqual(["1:14+2 'n2' is declared twice"])
  expect(wrong('int g(void);\nint main(void) { return g(); }')).toEqual([
    "2:25+1 function 'g' is declared, but never defined",
  ])
})

test('constants, sizes and initialisers are checked before the program runs', () => {
  expect(wrong('int f(void) { return 1; } int x = f();')).toContain(
    "1:35+1 the initial value of 'x' must be known before the program runs",
  )
  expect(wrong('int a[2] = {1, 2, 3};')).toEqual(["1:19+1 more values than 'int [2]' has room for"])
  expect(wrong('_Static_assert(sizeof(int) == 8, "no");')).toEqual(['1:16+16 static assertion failed: no'])
  expect(wrong('const int k = 1; void f(void) { k = 2; }')).toEqual(["1:33+1 'k' is const and cannot be changed"])
  expect(inside('switch (n) { case 1: case 1: break; }')).toEqual(['1:27+1 two cases for the value 1'])
  expect(inside('goto out; ou: return;')).toEqual([
    "1:6+3 there is no label 'out' in this function (did you mean 'ou'?)",
  ])
  expect(inside('struct nope x;')).toEqual(["1:13+1 'x' has the incomplete type 'struct nope'"])
})

test('a mistake in a macro is told where the macro is used', () => {
  expect(wrong('#define BAD(x) (x + missing)\nint main(void) {\n  return BAD(1);\n}')).toEqual([
    "3:10+3 'missing' is not declared",
  ])
  expect(wrong('#define TWO(a, b) a\nint x = TWO(1);')).toEqual(["2:9+3 macro 'TWO' takes 2 arguments, 1 given"])
})

test('skipped lines may hold anything, and conditions must be closed', () => {
  expect(wrong("#if 0\nit's @ !\n#endif\nint x;")).toEqual([])
  expect(wrong('#ifdef A\nint x;')).toEqual(['1:2+5 this condition has no #endif'])
  expect(wrong('#if 1 +\n#endif')).toEqual(['1:2+2 the condition ends too early'])
  expect(wrong('#error too old')).toEqual(['1:2+5 #error too old'])
})

test('at most twenty mistakes are told', () => {
  expect(wrong(Array.from({ length: 50 }, (_, i) => `foo${i} x${i};`).join('\n'))).toHaveLength(20)
})

test('line numbers are those of the text, through continued lines and comments', () => {
  expect(wrong('\n\n/* a\n b */ int \\\n  x = missing;')).toEqual(["5:7+7 'missing' is not declared"])
})

test('the mistakes that people make most are named', () => {
  const told = (body: string): string => inside(body)[0] ?? ''
  const cases: Readonly<Record<string, string>> = {
    'twice(1': "2:1+1 expected ')' after the arguments, found '}'",
    'int a[3] = {1, 2, 3;': "1:20+1 expected '}' to close the initialiser, found ';'",
    'n = "text";':
      "1:5+6 the assigned value must be the integer 'int', not the pointer 'char *' (a cast says that it is meant)",
    'if (n) else n = 1;': "1:8+4 'else' without 'if'",
    'struct rec s; s->valid = 1;':
      "1:15+1 '->' needs a pointer to a struct or union, not 'struct rec' (use '.' on a struct)",
    'n + 1 = 3;': '1:1+5 only a variable or an object in memory can be assigned to',
    'const int k = 1; k++;': "1:18+3 'k' is const and cannot be changed",
    'int for = 1;': "1:5+3 expected a name, found 'for'; 'for' is a keyword",
    'int x = 08;': "1:9+2 '08' starts with 0, so it is octal, where 8 and 9 do not exist",
    'return n;': "1:8+1 'f' returns nothing, so it cannot return a value",
    '*n = 1;': "1:1+2 '*' cannot work on 'int'",
    'r = &5;': '1:5+2 only an object in memory has an address',
    'continue;': "1:1+8 'continue' outside a loop",
    'case 1: n = 2;': "1:1+4 'case' outside a switch",
    "n = 'ab;": '1:5+4 missing closing "\'"',
    'printf("%d", n);': "1:1+6 function 'printf' is not declared (#include <stdio.h>)",
    'int v[n] = {0};': '1:12+1 an array of variable length cannot be initialised (assign to its elements)',
    'int b[-1];': '1:7+2 an array cannot have -1 elements',
    'void w;': "1:6+1 'w' has the incomplete type 'void'",
    'n = r->value.x;': "1:5+8 '.' needs a struct or union, not 'long'",
    'n = sizeof(struct none);': "1:5+6 the operand of 'sizeof' has the incomplete type 'struct none'",
    'n = 5 % 2.0;': "1:5+7 '%' cannot work on 'int' and 'double'",
    'n = NULL;': "1:5+4 'NULL' is not declared (#include <stddef.h>)",
    'bool b;': "1:1+4 unknown type name 'bool' (#include <stdbool.h>)",
    'uint64_t u;': "1:1+8 unknown type name 'uint64_t' (#include <stdint.h>)",
    'goto in; { int a[n]; in: a[0] = 1; }': '1:6+2 this jump enters the scope of a type of variable size',
    'static int a[n];': "1:12+1 'a' lives as long as the program: its size must be constant",
  }
  expect(Object.fromEntries(Object.keys(cases).map((body) => [body, told(body)]))).toEqual(cases)
})
