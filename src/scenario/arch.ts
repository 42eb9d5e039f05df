/**
 * What a kernel of another architecture does without, and what only it has: the dependencies that Kconfig states, as
 * errors with the option's name.
 */

import type { ConfigOption } from '../engine/linux/kernel.ts'
import type { Reading } from './reading.ts'
import type { Arch } from './scenario.ts'
import type { ConfigText } from './schema.ts'

/** [key, option, what it depends on, where that is]. */
const NEEDS: readonly (readonly [string, string, string, Arch])[] = [
  ['machine.dcssblk', 'CONFIG_DCSSBLK', 'S390 && BLOCK', 's390'],
  ['machine.axonram', 'CONFIG_AXON_RAM', 'PPC_IBM_CELL_BLADE && BLOCK', 'powerpc'],
  ...['nvdimms', 'regions', 'firmware', 'nfit', 'media_errors'].map(
    (name) => [`machine.${name}`, 'CONFIG_ACPI_NFIT', 'ACPI', 'x86-64'] as const,
  ),
  ['machine.e820', 'CONFIG_X86_PMEM_LEGACY', 'X86', 'x86-64'],
  ['cmdline', 'CONFIG_X86_PMEM_LEGACY', 'X86', 'x86-64'],
]

/** Options of x86-64 alone, in this model: off elsewhere, as is the macro for copies past the cache. */
const X86_OPTIONS = ['ARCH_HAS_PMEM_API', 'ARCH_HAS_UACCESS_FLUSHCACHE'] as const

/** Complains of what the architecture does not have, and gives the build options that are off. */
export function optionsOff(arch: Arch, config: ConfigText, reading: Reading): readonly ConfigOption[] {
  for (const [path, option, depends, where] of NEEDS) {
    if (arch === where || !reading.positions.has(path)) continue
    const name = path.replace('machine.', '')
    reading.error(path, `\`${name}\` needs ${option}, which depends on ${depends}: it takes \`arch: ${where}\``)
  }
  if (arch === 'x86-64') return X86_OPTIONS.filter((option) => !config[option])
  for (const option of X86_OPTIONS) {
    const path = `config.${option}`
    if (reading.positions.has(path) && config[option])
      reading.error(path, `CONFIG_${option} is selected by X86_64 alone: it takes \`arch: x86-64\``)
  }
  return [...X86_OPTIONS, 'ARCH_HAS_NOCACHE_UACCESS']
}
