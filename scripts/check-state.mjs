/**
 * The engine is a function: the same scenario gives the same recording, byte for byte, on every machine.
 *
 * check-state.mjs [FOLDER]   FOLDER: another checkout (the guard test plants violations in a copy)
 *
 * Two checks on syntax; tests are exempt.
 *
 * 1. In every folder of PURE nothing reads a clock, randomness, a timer, the locale or the outside world.
 * 2. In src/engine/linux and src/engine/hw no module holds state: no module-level `let` or `var`, and a container at
 *    module level is visibly constant: `as const`, `Object.freeze(…)`, a type that begins with `Readonly` or `readonly`,
 *    an interface whose members are all readonly, or a table of functions. In src/engine/linux classes hold none either
 *    (kernel objects are `struct`s, whose setters journal), and the defaults of a `struct` hold no container.
 *
 * What syntax cannot see: a container that a function returns, and one nested in a readonly member.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const PURE = ['base', 'engine', 'lang', 'scenario', 'share', 'formats', 'protocol', 'views'].map((f) => `src/${f}/`)
const STATELESS = ['src/engine/linux/', 'src/engine/hw/']
const KERNEL = 'src/engine/linux/'

/** Names of the outside world, and what to use instead. */
const OUTSIDE = {
  Date: 'kernel time is a function of the recording',
  performance: 'measuring is for bench/',
  setTimeout: 'the engine has no timers',
  setInterval: 'the engine has no timers',
  setImmediate: 'the engine has no timers',
  queueMicrotask: 'the engine has no timers',
  requestAnimationFrame: 'time is an argument',
  console: 'return a value that says it',
  process: 'pass it in',
  fetch: 'nothing here loads anything',
  localStorage: 'the page keeps settings',
  navigator: 'results may not depend on the browser',
  eval: 'code is never made from text',
  Function: 'code is never made from text',
  WebAssembly: 'code is never made from text',
}
/** Members that are impure although their objects are not. */
const MEMBERS = {
  'Math.random': 'draw from the seeded generator',
  'crypto.getRandomValues': 'draw from the seeded generator',
  'crypto.randomUUID': 'draw from the seeded generator',
}
const LOCALE = /^(toLocale\w+|localeCompare)$/
/** Constructors whose objects can change. */
const CONTAINERS = /^(Map|Set|WeakMap|WeakSet|Array|ArrayBuffer|DataView|\w+Array)$/

const problems = []

function filesUnder(folder) {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesUnder(path)
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function report(source, node, message) {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
  problems.push(`${relative(root, source.fileName)}:${line + 1}:${character + 1} ${message}`)
}

const children = (node) => {
  const list = []
  ts.forEachChild(node, (child) => void list.push(child))
  return list
}

const everyNode = function* (node) {
  yield node
  for (const child of children(node)) yield* everyNode(child)
}

/** Names that the file declares itself: those are not the outside world. */
function declaredNames(source) {
  const names = new Set()
  for (const node of everyNode(source))
    if ('name' in node && node.name !== undefined && ts.isIdentifier(node.name) && !ts.isPropertyAccessExpression(node))
      if (!isMember(node)) names.add(node.name.text)
  return names
}

const isMember = (node) =>
  ts.isPropertyAssignment(node) ||
  ts.isShorthandPropertyAssignment(node) ||
  ts.isPropertySignature(node) ||
  ts.isPropertyDeclaration(node) ||
  isMethod(node)
const isMethod = (node) => ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || ts.isAccessor(node)

/** An identifier in the place of a value: not a member's name, not a declaration, not a type. */
function isValue(node) {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if ('name' in parent && parent.name === node) return false
  return ts.isExpressionNode?.(node) ?? !ts.isTypeNode(parent)
}

function checkPure(source) {
  const declared = declaredNames(source)
  for (const node of everyNode(source)) {
    if (ts.isIdentifier(node) && Object.hasOwn(OUTSIDE, node.text) && !declared.has(node.text) && isValue(node))
      report(source, node, `${node.text}: ${OUTSIDE[node.text]}`)
    if (!ts.isPropertyAccessExpression(node)) continue
    const member = `${node.expression.getText(source).replace('globalThis.', '')}.${node.name.text}`
    if (Object.hasOwn(MEMBERS, member)) report(source, node, `${member}: ${MEMBERS[member]}`)
    if (LOCALE.test(node.name.text) && !namesLocale(node.parent))
      report(source, node, `${node.name.text}: results may not depend on the locale`)
    if (node.expression.getText(source) === 'globalThis' && Object.hasOwn(OUTSIDE, node.name.text))
      report(source, node, `${node.name.text}: ${OUTSIDE[node.name.text]}`)
  }
}

/** `n.toLocaleString('en')` groups digits alike everywhere. */
const namesLocale = (call) => ts.isCallExpression(call) && call.arguments[0]?.getText() === "'en'"

/** Without parentheses, `satisfies`, `!` and casts other than `as const`. */
function core(node) {
  if (ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node))
    return core(node.expression)
  return ts.isAsExpression(node) && !isAsConst(node) ? core(node.expression) : node
}
const isAsConst = (node) => ts.isAsExpression(node) && node.type.getText() === 'const'

/** A table of functions is code; `new Uint8Array(0)` has nothing to change. */
const makesContainer = (node) =>
  ts.isArrayLiteralExpression(node) ||
  (ts.isObjectLiteralExpression(node) && !node.properties.every(isFunctionMember)) ||
  (ts.isNewExpression(node) && CONTAINERS.test(node.expression.getText()) && node.arguments?.[0]?.getText() !== '0') ||
  (ts.isCallExpression(node) && /^(Array|\w+Array)\.(from|of)$/.test(node.expression.getText()))

const isFunctionMember = (member) =>
  ts.isMethodDeclaration(member) ||
  (ts.isPropertyAssignment(member) &&
    (ts.isArrowFunction(member.initializer) ||
      ts.isFunctionExpression(member.initializer) ||
      ts.isIdentifier(member.initializer)))

/** Names of interfaces and object types, and whether every member of theirs is readonly or a method. */
const readonlyNames = new Map()

function learnTypes(source) {
  for (const node of source.statements) {
    const members = ts.isInterfaceDeclaration(node)
      ? node.members
      : ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type)
        ? node.type.members
        : undefined
    if (members === undefined) continue
    const bases = (node.heritageClauses ?? []).flatMap((clause) =>
      clause.types.map((type) => type.expression.getText()),
    )
    const fixed = members.every((member) => ts.isMethodSignature(member) || has(member, ts.SyntaxKind.ReadonlyKeyword))
    const before = readonlyNames.get(node.name.text)
    readonlyNames.set(node.name.text, { fixed: fixed && before?.fixed !== false, bases })
  }
}

function isReadonlyName(name) {
  const known = readonlyNames.get(name)
  return known?.fixed === true && known.bases.every(isReadonlyName)
}

const isReadonlyType = (type) =>
  type !== undefined && (/^(Readonly|readonly |ArrayLike<)/.test(type.getText()) || isReadonlyName(nameOf(type)))
const nameOf = (type) => (ts.isTypeReferenceNode(type) ? type.typeName.getText() : '')

const saysReadonly = (node) => ts.isAsExpression(node) && isReadonlyType(node.type)

function checkModuleState(source) {
  for (const statement of source.statements) {
    if (ts.isClassDeclaration(statement)) checkStatics(source, statement)
    if (!ts.isVariableStatement(statement)) continue
    if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0)
      report(source, statement, 'a module-level variable is state outside the recording')
    for (const { name, type, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || isReadonlyType(type) || saysReadonly(initializer)) continue
      if (makesContainer(core(initializer)))
        report(source, name, `${name.getText()} can change: add \`as const\`, Object.freeze or a readonly type`)
    }
  }
}

function checkStatics(source, declaration) {
  for (const member of declaration.members)
    if (ts.isPropertyDeclaration(member) && has(member, ts.SyntaxKind.StaticKeyword))
      if (!has(member, ts.SyntaxKind.ReadonlyKeyword) || holdsContainer(member))
        report(source, member, 'a static field is state outside the recording')
}

const has = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false
const holdsContainer = ({ initializer, type }) =>
  initializer !== undefined && !isReadonlyType(type) && makesContainer(core(initializer))

function checkKernelObjects(source) {
  for (const node of everyNode(source)) {
    if (ts.isPropertyDeclaration(node) && (!has(node, ts.SyntaxKind.ReadonlyKeyword) || holdsContainer(node)))
      report(source, node, 'a class holds kernel state: declare it with struct(), whose setters journal')
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'struct')
      for (const inner of everyNode(node))
        if (ts.isNewExpression(inner) && CONTAINERS.test(inner.expression.getText(source)))
          report(
            source,
            inner,
            'the defaults of a struct hold plain values: a container would be shared and not journaled',
          )
  }
}

const sources = PURE.flatMap((folder) => filesUnder(join(root, folder))).map((file) =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true),
)
for (const source of sources) learnTypes(source)
for (const source of sources) {
  const path = relative(root, source.fileName).split(sep).join('/')
  checkPure(source)
  if (STATELESS.some((prefix) => path.startsWith(prefix))) checkModuleState(source)
  if (path.startsWith(KERNEL)) checkKernelObjects(source)
}

for (const problem of problems) console.error(problem)
if (sources.length === 0) console.error('no source file found: nothing was checked')
console.log(`${sources.length} files, ${problems.length} problems`)
process.exit(problems.length > 0 || sources.length === 0 ? 1 : 0)
