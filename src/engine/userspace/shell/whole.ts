/** The whole shell: every command, the grammar, and a console. The page fetches it when a scenario or a person asks. */

import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { blkdiscard, blockdev, sync } from './blockdev.ts'
import { bracket, cd, echo, exit, exportVariable, no, printf, pwd, test, unset, yes } from './builtins.ts'
import type { CommandName } from './commands.ts'
import { cat, head, sleep, tail, tee, wc } from './coreutils.ts'
import { dd } from './dd.ts'
import { dmesg } from './dmesg.ts'
import { dmsetup } from './dmsetup/dmsetup.ts'
import { mke2fs, mkfs_ext2, mkfs_ext3, mkfs_ext4 } from './e2fsprogs/mke2fs.ts'
import { TooLong } from './expand.ts'
import { cut, grep, seq, sort, tr, uniq } from './filters.ts'
import { hexdump, xxd } from './hexdump.ts'
import { ls } from './ls.ts'
import { mount, umount } from './mount.ts'
import { cp, fallocate, ln, mkdir, mv, rm, rmdir, touch, truncate } from './names.ts'
import { wholeNdctl } from './ndctl/all.ts'
import { daxctl } from './ndctl/daxctl.ts'
import { parseScript } from './parse.ts'
import { poweroff } from './poweroff.ts'
import { Runner } from './run.ts'
import { newSession, type Session, type ShellTool } from './session.ts'
import { sfdisk } from './sfdisk.ts'
import type { Print, SetupProblem, Shell } from './shell.ts'

const table: Readonly<Record<CommandName, ShellTool>> = {
  cat,
  echo,
  printf,
  ls,
  hexdump,
  xxd,
  dmesg,
  head,
  tail,
  grep,
  wc,
  sort,
  uniq,
  cut,
  tr,
  seq,
  tee,
  true: yes,
  ':': yes,
  false: no,
  test,
  '[': bracket,
  sleep,
  dd,
  sync,
  blockdev,
  blkdiscard,
  sfdisk,
  mke2fs,
  'mkfs.ext2': mkfs_ext2,
  'mkfs.ext3': mkfs_ext3,
  'mkfs.ext4': mkfs_ext4,
  mount,
  umount,
  mkdir,
  rmdir,
  rm,
  mv,
  cp,
  ln,
  truncate,
  fallocate,
  poweroff,
  touch,
  cd,
  pwd,
  export: exportVariable,
  unset,
  exit,
  ndctl: wholeNdctl,
  daxctl,
  dmsetup,
}

const tools: ReadonlyMap<string, ShellTool> = new Map(Object.entries(table))

const setup = kfunc('shell: shell', function* setup(k: Kernel, text: string, firstLine: number, print: Print) {
  const parsed = parseScript(text)
  if (!parsed.ok)
    return { line: firstLine + parsed.error.line - 1, message: parsed.error.message } as SetupProblem | undefined
  const runner = new Runner({ k, session: newSession(), tools, strict: true, print })
  try {
    yield* runner.whole(parsed.value)
  } catch (reason) {
    if (!(reason instanceof TooLong)) throw reason
    return { line: firstLine, message: `bash: ${reason.message}` }
  }
  if (!runner.failed) return undefined
  const { line, message } = runner.failure
  return { line: firstLine + line - 1, message }
})

const command = kfunc('shell: shell', function* command(k: Kernel, session: Session, text: string, print: Print) {
  const parsed = parseScript(text)
  if (!parsed.ok) {
    print(`bash: ${parsed.error.message}\n`, 2)
    session.status = 2
    return session.status
  }
  session.over = false
  session.jump = undefined
  try {
    yield* new Runner({ k, session, tools, strict: false, print }).whole(parsed.value)
  } catch (reason) {
    if (!(reason instanceof TooLong)) throw reason
    print(`bash: ${reason.message}\n`, 2)
    session.status = 1
  }
  return session.status
})

export const wholeShell: Shell = {
  check: parseScript,
  setup,
  console() {
    const session = newSession()
    return { run: (k, text, print) => command(k, session, text, print) }
  },
}
