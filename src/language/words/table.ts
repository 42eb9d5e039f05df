/** Texts by name, written as lines of `name name: text`. */

export type Words = ReadonlyMap<string, string>

export const words = (text: string): Words =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.includes(': '))
      .flatMap((line) => {
        const colon = line.indexOf(': ')
        const said = line.slice(colon + 2).trim()
        return line
          .slice(0, colon)
          .trim()
          .split(/\s+/)
          .map((name) => [name, said] as const)
      }),
  )
