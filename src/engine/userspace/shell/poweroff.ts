/**
 * poweroff of systemd, up to the moment when the power goes: everything is synced and unmounted, and drivers are told. The
 * power itself stays on: pull the plug to see what is left.
 */

import { mounts, sys_umount } from '../../linux/fs/super.ts'
import { sys_sync } from '../../linux/fs/sync.ts'
import { kernel_power_off } from '../../linux/kernel/reboot.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc } from '../../sim/kfunc.ts'
import { entering, strerror } from './files.ts'
import { optionsOf } from './options.ts'
import { done, failed } from './tool.ts'

export const poweroff = kfunc(
  'shell: systemd/systemctl.c',
  function* poweroff(k: Kernel, args: readonly string[], _around: unknown) {
    const options = optionsOf('poweroff', args, 'f')
    if (!options.ok) return failed(options.error)
    const errors: string[] = []
    yield* sys_sync(entering(k))
    for (const { mnt_mountpoint } of [...mounts(k)].reverse()) {
      const rc = yield* sys_umount(entering(k), mnt_mountpoint)
      if (rc < 0) errors.push(`poweroff: ${mnt_mountpoint}: ${strerror(rc)}`)
    }
    yield* kernel_power_off(entering(k))
    return errors.length === 0 ? done('') : failed(errors.join('\n'), 1)
  },
)
