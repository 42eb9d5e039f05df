/** /etc/mke2fs.conf of Debian 12, and how it is asked: what a later type says counts. */

interface Relations {
  readonly features?: string
  readonly blocksize?: number
  readonly inode_ratio?: number
  readonly inode_size?: number
}

export const BASE_FEATURES = 'sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr'

const defaults = { blocksize: 4096, inode_size: 256, inode_ratio: 16384 } as const

const fs_types: Readonly<Record<string, Relations>> = {
  ext3: { features: 'has_journal' },
  ext4: { features: 'has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize' },
  small: { blocksize: 1024, inode_ratio: 4096 },
  floppy: { blocksize: 1024, inode_ratio: 8192 },
  big: { inode_ratio: 32768 },
  huge: { inode_ratio: 65536 },
  news: { inode_ratio: 4096 },
  largefile: { inode_ratio: 1048576, blocksize: -1 },
  largefile4: { inode_ratio: 4194304, blocksize: -1 },
  hurd: { blocksize: 4096, inode_size: 128 },
}

export const isDefined = (type: string): boolean => Object.hasOwn(fs_types, type)

/** `types`: the kind of file system, then what it is used for. */
export const numberOf = (types: readonly string[], name: keyof typeof defaults): number =>
  types.reduce<number>((value, type) => fs_types[type]?.[name] ?? value, defaults[name])

export const featuresOf = (types: readonly string[]): readonly string[] =>
  types.flatMap((type) => fs_types[type]?.features ?? [])

/** What a file system of so many blocks is used for, unless somebody says it; `meg`: blocks of 1 MiB. */
export function usageOf(blocks: number, meg: number): string {
  if (blocks < 3 * meg) return 'floppy'
  if (blocks < 512 * meg) return 'small'
  if (blocks < 4 * 1024 * 1024 * meg) return 'default'
  return blocks < 16 * 1024 * 1024 * meg ? 'big' : 'huge'
}
