/** What comes of a command of the shell: text, messages and a status. */

export interface Outcome {
  /** What it prints. */
  readonly output: string
  /** Messages, without the last newline. */
  readonly error: string
  /** 0: success. */
  readonly status: number
}

export const done = (output: string): Outcome => ({ output, error: '', status: 0 })
export const failed = (error: string, status = 1): Outcome => ({ output: '', error, status })
