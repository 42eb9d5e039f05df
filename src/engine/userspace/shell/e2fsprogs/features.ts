/** Features of a file system by the names that e2fsprogs has for them. */

import { err, ok, type Result } from '../../../../base/result.ts'
import * as ext4 from '../../../linux/fs/ext4/ext4.ts'

/** Three words of bits, as the superblock has them. */
export interface Features {
  readonly compat: number
  readonly incompat: number
  readonly ro_compat: number
}

type Word = keyof Features

const modelled: Readonly<Record<string, readonly [Word, number]>> = {
  has_journal: ['compat', ext4.EXT4_FEATURE_COMPAT_HAS_JOURNAL],
  ext_attr: ['compat', ext4.EXT4_FEATURE_COMPAT_EXT_ATTR],
  resize_inode: ['compat', ext4.EXT4_FEATURE_COMPAT_RESIZE_INODE],
  dir_index: ['compat', ext4.EXT4_FEATURE_COMPAT_DIR_INDEX],
  stable_inodes: ['compat', ext4.EXT4_FEATURE_COMPAT_STABLE_INODES],
  sparse_super: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_SPARSE_SUPER],
  large_file: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_LARGE_FILE],
  huge_file: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_HUGE_FILE],
  uninit_bg: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_GDT_CSUM],
  uninit_groups: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_GDT_CSUM],
  dir_nlink: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_DIR_NLINK],
  extra_isize: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE],
  metadata_csum: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_METADATA_CSUM],
  verity: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_VERITY],
  filetype: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_FILETYPE],
  meta_bg: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_META_BG],
  extent: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_EXTENTS],
  extents: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_EXTENTS],
  '64bit': ['incompat', ext4.EXT4_FEATURE_INCOMPAT_64BIT],
  flex_bg: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_FLEX_BG],
  ea_inode: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_EA_INODE],
  metadata_csum_seed: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_CSUM_SEED],
  large_dir: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_LARGEDIR],
  largedir: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_LARGEDIR],
}

/** What mke2fs can make, but not here. */
const others: Readonly<Record<string, readonly [Word, number]>> = {
  sparse_super2: ['compat', ext4.EXT4_FEATURE_COMPAT_SPARSE_SUPER2],
  fast_commit: ['compat', ext4.EXT4_FEATURE_COMPAT_FAST_COMMIT],
  orphan_file: ['compat', ext4.EXT4_FEATURE_COMPAT_ORPHAN_FILE],
  quota: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_QUOTA],
  bigalloc: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_BIGALLOC],
  project: ['ro_compat', ext4.EXT4_FEATURE_RO_COMPAT_PROJECT],
  journal_dev: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_JOURNAL_DEV],
  mmp: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_MMP],
  inline_data: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_INLINE_DATA],
  encrypt: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_ENCRYPT],
  casefold: ['incompat', ext4.EXT4_FEATURE_INCOMPAT_CASEFOLD],
}

export const has = (features: Features, name: string): boolean => {
  const [word, bit] = modelled[name] as readonly [Word, number]
  return (features[word] & bit) !== 0
}

export const withFeature = (features: Features, name: string, on = true): Features => {
  const [word, bit] = (Object.hasOwn(modelled, name) ? modelled[name] : others[name]) as readonly [Word, number]
  return { ...features, [word]: on ? features[word] | bit : features[word] & ~bit }
}

/** Checksums of groups, of one kind or the other: unused parts of bitmaps and tables are told apart. */
export const has_group_desc_csum = (features: Features): boolean =>
  has(features, 'metadata_csum') || has(features, 'uninit_bg')

/** "has_journal,^64bit": features on and off; "none" takes all away. */
export function edit_feature(program: string, text: string, features: Features): Result<Features, string> {
  let now = features
  for (const token of text.split(/[ ,\t]+/)) {
    if (token === '') continue
    if (token.toLowerCase() === 'none') {
      now = { compat: 0, incompat: 0, ro_compat: 0 }
      continue
    }
    const off = /^[-^]/.test(token)
    const name = token.replace(/^[-^+]/, '').toLowerCase()
    const known = Object.hasOwn(modelled, name)
    if (!known && !Object.hasOwn(others, name)) return err(`Invalid filesystem option set: ${text}\n`)
    if (!known && !off) return err(`${program}: the feature ${name} is not modelled\n`)
    now = withFeature(now, name, !off)
  }
  return ok(now)
}
