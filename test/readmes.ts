/**
 * What the README files below a folder leave out, and what they name that is not there.
 *
 * A folder with three code files or more has a README of its own that names each; a smaller one may be spoken for by
 * the nearest README above it, by path. Names are those between backticks. Tests and their data need no line.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

const README = 'README.md'
const CODE = /\.(tsx?|css|pmem)$/
const TEST = /\.test(-data)?\.tsx?$/
/** Files of any kind that a README may point at. */
const NAMED = /^[\w@./-]+\.(tsx?|mjs|css|pmem|json|md)$/

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const namesIn = (readme: string): readonly string[] =>
  Array.from(readFileSync(readme, 'utf8').matchAll(/`([^`\n]+)`/g), ([, name = '']) => name)

/** Code files below `root`/src that no README names as it must, relative to `root`. */
export function unnamedFiles(root: string): readonly string[] {
  const code = filesBelow(join(root, 'src')).filter((path) => CODE.test(path) && !TEST.test(path))
  const named = (folder: string, path: string): boolean => {
    const readme = join(folder, README)
    return existsSync(readme) && namesIn(readme).includes(relative(folder, path))
  }
  const spoken = (path: string): boolean => {
    const own = dirname(path)
    if (named(own, path)) return true
    if (code.filter((other) => dirname(other) === own).length >= 3) return false
    let above = own
    do above = dirname(above)
    while (above !== resolve(root) && !existsSync(join(above, README)))
    return named(above, path)
  }
  return code.filter((path) => !spoken(path)).map((path) => relative(root, path))
}

/** Names of files in README files below `root`/src that stand neither beside it nor at that path from `root`. */
export function missingFiles(root: string): readonly string[] {
  return filesBelow(join(root, 'src'))
    .filter((path) => basename(path) === README)
    .flatMap((readme) =>
      namesIn(readme)
        .filter((name) => NAMED.test(name) && !existsSync(join(dirname(readme), name)) && !existsSync(join(root, name)))
        .map((name) => `${relative(root, readme)}: ${name}`),
    )
}
