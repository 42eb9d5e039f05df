/** Programs that are not right here yet, and what is wrong. A program that works must leave the list. */
export const AWAITED: Readonly<Record<string, string>> = {}
