/** include/linux/uaccess.h: memory of user space as the kernel's copies see it. */

/**
 * Bytes that a program handed over, by address. Reading them is no step: what is copied is decided when the system call
 * begins. From `fault` on (an index into `bytes`) nothing can be read; absent: all of it can.
 */
export interface UserBytes {
  readonly bytes: Uint8Array
  readonly fault?: number
}

export function user_slice({ bytes, fault }: UserBytes, from: number, to: number): UserBytes {
  const piece = bytes.subarray(from, to)
  if (fault === undefined || fault >= to) return { bytes: piece }
  return { bytes: piece, fault: Math.max(0, fault - from) }
}
