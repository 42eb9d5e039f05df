/** Inside the shell a text is its bytes, a character each: what passes through a pipe need not be UTF-8. */

export function bytesOfText(text: string): string {
  let bytes = ''
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte)
  return bytes
}

export const packed = (bytes: string): Uint8Array => Uint8Array.from(bytes, (char) => char.charCodeAt(0))

export const textOfBytes = (bytes: string): string => new TextDecoder().decode(packed(bytes))

export function unpacked(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
