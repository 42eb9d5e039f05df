/** ls: what is in a folder, one name a line, as GNU's prints into a pipe. Owners are root; times are those of the boot. */

import { sys_getdents64, sys_newfstatat } from '../../linux/fs/readdir.ts'
import type { Stat } from '../../linux/include/linux/fs.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { absolute, type Surroundings } from './session.ts'
import { failed, type Outcome } from './tool.ts'

interface Entry {
  readonly name: string
  readonly stat: Stat
}

/** Folders that one call lists. */
const MOST_FOLDERS = 2000
const LETTERS = { folder: 'd', file: '-', link: 'l', character: 'c', block: 'b' } as const

function permissions({ kind, mode }: Stat): string {
  let text: string = LETTERS[kind]
  for (let bit = 8; bit >= 0; bit--) text += ((mode >> bit) & 1) === 1 ? 'rwx'[(8 - bit) % 3] : '-'
  return text
}

/** From one folder to another path: "../../../devices/x". */
function relative(from: string, to: string): string {
  const a = from.split('/').slice(1, -1)
  const b = to.split('/').slice(1)
  let same = 0
  while (same < a.length && a[same] === b[same]) same++
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
}

function long(entries: readonly Entry[]): readonly string[] {
  const sizes = entries.map(({ stat }) => stat.device?.replace(':', ', ') ?? String(stat.size))
  const width = Math.max(0, ...sizes.map((size) => size.length))
  const links = entries.map(({ stat }) => (stat.kind === 'folder' ? '2' : '1'))
  return entries.map(({ name, stat }, i) => {
    const target = stat.target === undefined ? '' : ` -> ${relative(stat.path, stat.target)}`
    return `${permissions(stat)} ${links[i]} root root ${(sizes[i] ?? '').padStart(width)} Jan  1 00:00 ${name}${target}`
  })
}

function* entriesOf(
  k: Kernel,
  place: string,
  hidden: boolean,
  details: boolean,
): Generator<Request, readonly Entry[] | number, unknown> {
  const names = yield* sys_getdents64(entering(k), place)
  if (typeof names === 'number') return names
  const entries: Entry[] = []
  const shown = [...(hidden ? ['.', '..'] : []), ...names.filter((name) => hidden || !name.startsWith('.'))].sort()
  for (const name of shown) {
    const stat = details ? yield* sys_newfstatat(entering(k), `${place === '/' ? '' : place}/${name}`, false) : nothing
    if (typeof stat !== 'number') entries.push({ name, stat })
  }
  return entries
}

const nothing: Stat = { kind: 'file', mode: 0, size: 0, path: '' }

export const ls = kfunc(
  'shell: coreutils/ls.c',
  function* ls(k: Kernel, args: readonly string[], around: Surroundings) {
    const options = optionsOf('ls', args, 'lRad1Ah')
    if (!options.ok) return failed(options.error, 2)
    const { flags, rest } = options.value
    const paths = [...(rest.length === 0 ? ['.'] : rest)].sort()
    const errors: string[] = []
    const files: Entry[] = []
    const folders: string[] = []
    for (const path of paths) {
      const follow = !flags.has('d') && !flags.has('l')
      const stat = yield* sys_newfstatat(entering(k), absolute(around.session, path), follow || path.endsWith('/'))
      if (typeof stat === 'number') errors.push(`ls: cannot access '${path}': ${strerror(stat)}`)
      else if (stat.kind === 'folder' && !flags.has('d')) folders.push(path)
      else files.push({ name: path, stat })
    }
    const listed = (entries: readonly Entry[]): string =>
      (flags.has('l') ? long(entries) : entries.map(({ name }) => name)).map((line) => `${line}\n`).join('')
    let output = listed(files)
    const titles = paths.length > 1 || flags.has('R')
    let shown = 0
    for (let path = folders.shift(); path !== undefined && shown < MOST_FOLDERS; path = folders.shift(), shown++) {
      const place = absolute(around.session, path)
      const entries = yield* entriesOf(k, place, flags.has('a'), flags.has('l') || flags.has('R'))
      if (typeof entries === 'number') {
        errors.push(`ls: cannot open directory '${path}': ${strerror(entries)}`)
        continue
      }
      if (titles) output += `${output === '' ? '' : '\n'}${path}:\n`
      if (flags.has('l')) output += 'total 0\n'
      output += listed(entries)
      if (flags.has('R'))
        folders.unshift(
          ...entries
            .filter(({ name, stat }) => stat.kind === 'folder' && name !== '.' && name !== '..')
            .map(({ name }) => `${path?.replace(/\/$/, '')}/${name}`),
        )
    }
    return { output, error: errors.join('\n'), status: errors.length === 0 ? 0 : 2 } as Outcome
  },
)
