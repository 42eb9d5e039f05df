/** What mke2fs prints on its two streams, and how it ends early. */

import { err, type Result } from '../../../../base/result.ts'

export class Said {
  out = ''
  err = ''
}

/** Messages of the library that say why something failed. */
export const EXT2_ET = {
  toosmall: 'Not enough space to build proposed filesystem',
  tooManyInodes: 'Cannot create filesystem with requested number of inodes',
  invalid: 'Invalid argument passed to ext2 library',
  blockAlloc: 'Could not allocate block in ext2 filesystem',
  inodeAlloc: 'Could not allocate inode in ext2 filesystem',
  badInode: 'Illegal inode number',
  resGdt: 'Too many reserved group descriptor blocks',
} as const

/** com_err(): who complains, of what the library says, while doing what. */
export const com_err = (who: string, library: string, doing: string): Result<never, string> =>
  err(`${who}: ${library} ${doing}\n`)
