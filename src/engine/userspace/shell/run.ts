/**
 * Runs a script: which commands, in which order, what flows where.
 *
 * The parts of a pipe run one after the other, each to its end: what the first prints is there when the second begins.
 * Left out: processes of their own (a variable set in a pipe stays set), signals, jobs.
 */

import { sys_close, sys_openat } from '../../linux/fs/open.ts'
import { sys_write } from '../../linux/fs/read_write.ts'
import type { Kernel } from '../../linux/kernel.ts'
import { kfunc, type Request } from '../../sim/kfunc.ts'
import { packed, textOfBytes, unpacked } from './bytes.ts'
import { type Expanding, expandText, expandWords } from './expand.ts'
import { entering, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY, readBytes, strerror } from './files.ts'
import type { Chain, Command, Pipeline, Redirect, Script, Simple } from './script.ts'
import { absolute, type Session, type ShellTool } from './session.ts'
import type { Print } from './shell.ts'
import { done, failed, type Outcome } from './tool.ts'

type Running<R = void> = Generator<Request, R, unknown>

/** Bytes, as `bytes.ts` has them. */
interface Sink {
  write(bytes: string): void
}

interface Streams {
  readonly stdin: string | number
  readonly out: Sink
  readonly err: Sink
}

/** Bytes that a redirection reads at most. */
const MOST_INPUT = 1 << 20
const EBADF = 9
const EACCES = 13
const BUILTINS = ['echo', 'printf', 'test', '[', 'cd', 'pwd', 'export', 'unset', 'exit', 'true', 'false']
/** Said of a file that can't even be opened for reading. */
const CANNOT_OPEN = [2, 6, 13, 19, 20]

const closed: Sink = { write: () => {} }

function collector(): Sink & { readonly bytes: () => string } {
  let all = ''
  return {
    write: (bytes) => {
      all += bytes
    },
    bytes: () => all,
  }
}

export class Runner {
  /** Of the command that failed last: where it stands, what it said. */
  failure = { line: 0, message: '' }
  private readonly k: Kernel
  private readonly session: Session
  private readonly tools: ReadonlyMap<string, ShellTool>
  private readonly expanding: Expanding
  /** A command that fails ends the script. */
  private readonly strict: boolean
  private readonly print: Print
  /** Messages that nobody has seen yet: if they are the last, they are told as the reason instead. */
  private said = ''

  constructor(o: {
    k: Kernel
    session: Session
    tools: ReadonlyMap<string, ShellTool>
    strict: boolean
    print: Print
  }) {
    this.k = o.k
    this.session = o.session
    this.tools = o.tools
    this.strict = o.strict
    this.print = o.print
    const output = (script: Script): Running<string> => this.output(script)
    this.expanding = { k: o.k, session: o.session, output }
  }

  /** All of it, on the outermost streams. */
  *whole(script: Script): Running {
    const out: Sink = {
      write: (bytes) => {
        this.flush()
        if (bytes !== '') this.print(textOfBytes(bytes), 1)
      },
    }
    const err: Sink = {
      write: (bytes) => {
        this.said += bytes
      },
    }
    yield* this.script(script, { stdin: -EBADF, out, err }, false)
    if (!this.failed) this.flush()
  }

  /** The script ended because a command failed. */
  get failed(): boolean {
    return this.strict && this.session.over && this.session.status !== 0
  }

  private flush(): void {
    const { said } = this
    this.said = ''
    if (said !== '') this.print(textOfBytes(said), 2)
  }

  private *output(script: Script): Running<string> {
    const out = collector()
    const err: Sink = {
      write: (bytes) => {
        this.said += bytes
      },
    }
    yield* this.script(script, { stdin: -EBADF, out, err }, true)
    return out.bytes()
  }

  private get stops(): boolean {
    return this.session.over || this.session.jump !== undefined
  }

  /** `tested`: somebody looks at its status, so that failing is no failure. */
  private *script(script: Script, streams: Streams, tested: boolean): Running {
    for (const chain of script) {
      if (this.stops) return
      yield* this.chain(chain, streams, tested)
    }
  }

  private *chain({ links }: Chain, streams: Streams, tested: boolean): Running {
    const { session } = this
    for (const [index, { after, pipeline }] of links.entries()) {
      if (this.stops) return
      if (after !== undefined && (session.status === 0) !== (after === '&&')) continue
      const last = index === links.length - 1
      yield* this.pipeline(pipeline, streams, tested || !last || pipeline.negated)
      if (this.strict && last && !tested && !pipeline.negated && session.status !== 0) session.over = true
    }
  }

  private *pipeline({ commands, negated }: Pipeline, streams: Streams, tested: boolean): Running {
    let { stdin } = streams
    for (const [index, command] of commands.entries()) {
      const last = index === commands.length - 1
      const out = last ? undefined : collector()
      yield* this.command(command, { stdin, out: out ?? streams.out, err: streams.err }, tested || !last)
      stdin = out?.bytes() ?? stdin
      if (this.session.over) return
    }
    if (negated) this.session.status = this.session.status === 0 ? 1 : 0
  }

  private *command(command: Command, streams: Streams, tested: boolean): Running {
    if (command.kind === 'simple') return yield* this.simple(command, streams)
    this.session.status = 0
    const files = yield* this.redirected(command.redirects, streams)
    if (files === undefined) return
    yield* this.compound(command, files.streams, tested)
    const problem = yield* files.finish()
    if (problem !== 0) this.fail(`bash: write error: ${strerror(problem)}`, command.line, streams)
  }

  private *compound(command: Exclude<Command, Simple>, streams: Streams, tested: boolean): Running {
    const { session } = this
    if (command.kind === 'group') return yield* this.script(command.body, streams, tested)
    if (command.kind === 'if') {
      for (const { condition, body } of command.branches) {
        yield* this.script(condition, streams, true)
        if (this.stops) return
        if (session.status === 0) return yield* this.script(body, streams, tested)
      }
      session.status = 0
      return yield* this.script(command.otherwise, streams, tested)
    }
    const items = command.kind === 'for' ? yield* expandWords(this.expanding, command.items) : []
    let status = 0
    for (let turn = 0; command.kind === 'while' || turn < items.length; turn++) {
      if (command.kind === 'for') session.variables.set(command.name, items[turn] ?? '')
      else {
        yield* this.script(command.condition, streams, true)
        if (this.stops || (session.status === 0) === command.until) break
      }
      yield* this.script(command.body, streams, tested)
      status = session.status
      const { jump } = session
      session.jump = undefined
      if (session.over) return
      if (jump === 'break') break
    }
    session.status = status
  }

  private *simple(command: Simple, streams: Streams): Running {
    this.flush()
    const { session, k, tools, expanding } = this
    const words = yield* expandWords(expanding, command.words)
    const files = yield* this.redirected(command.redirects, streams)
    if (files === undefined) return
    for (const { name, value } of command.assignments) {
      const text = yield* expandText(expanding, value)
      if (words.length === 0) session.variables.set(name, text)
    }
    // Without a command the status is that of the last `$(…)`, if there is any.
    const substituted = command.assignments.some(({ value }) => value.parts.some(({ kind }) => kind === 'output'))
    const kept = words.length === 0 && substituted ? session.status : undefined
    const [name, ...args] = words
    const { output, error, status } = yield* run_command(k, tools, name, args, {
      session,
      stdin: files.streams.stdin,
    })
    session.status = name === 'exit' ? session.status : (kept ?? status)
    files.streams.out.write(output)
    if (error !== '') files.streams.err.write(`${error}\n`)
    if (session.status !== 0)
      this.failure = { line: command.line, message: error || `${name}: exit status ${session.status}` }
    const problem = yield* files.finish()
    const who = name === undefined || BUILTINS.includes(name) ? `bash: ${name ?? ''}` : name
    if (problem !== 0) this.fail(`${who}: write error: ${strerror(problem)}`, command.line, streams)
  }

  private fail(message: string, line: number, streams: Streams): void {
    this.session.status = 1
    this.failure = { line, message }
    streams.err.write(`${message}\n`)
  }

  /** Where its streams lead; undefined when a file can't be opened, which has been said. */
  private *redirected(
    redirects: readonly Redirect[],
    before: Streams,
  ): Running<{ readonly streams: Streams; finish(): Running<number> } | undefined> {
    const { k, session } = this
    const open: { fd: number; sink: ReturnType<typeof collector> }[] = []
    let streams = before
    const fail = (message: string, line: number): void => this.fail(message, line, streams)
    const refused = function* (path: string, errno: number, line: number): Running<undefined> {
      for (const { fd } of open) yield* sys_close(entering(k), fd)
      fail(`bash: ${path}: ${strerror(errno)}`, line)
      return undefined
    }
    for (const { from, to, line } of redirects) {
      if (to.kind !== 'file') {
        const sink = to.kind === 'closed' ? closed : to.as === 1 ? streams.out : streams.err
        if (from === 0) streams = { ...streams, stdin: -EBADF }
        else streams = from === 1 ? { ...streams, out: sink } : { ...streams, err: sink }
        continue
      }
      const path = yield* expandText(this.expanding, to.path)
      const place = absolute(session, path)
      if (from === 0) {
        const read = yield* readBytes(k, place, MOST_INPUT, true, 0)
        if (typeof read !== 'number') streams = { ...streams, stdin: unpacked(read) }
        else if (!CANNOT_OPEN.includes(-read)) streams = { ...streams, stdin: read }
        else return yield* refused(path, read, line)
      } else {
        const found = yield* sys_openat(entering(k), place, O_WRONLY | O_CREAT | (to.append ? O_APPEND : O_TRUNC))
        // In /sys nothing can be created.
        const fd = found === -2 && place.startsWith('/sys/') ? -EACCES : found
        if (fd >= 0) {
          const sink = collector()
          open.push({ fd, sink })
          streams = from === 1 ? { ...streams, out: sink } : { ...streams, err: sink }
        } else return yield* refused(path, fd, line)
      }
    }
    const finish = function* (): Running<number> {
      let problem = 0
      for (const { fd, sink } of open) {
        const bytes = sink.bytes()
        const count = bytes === '' ? 0 : yield* sys_write(entering(k), fd, packed(bytes))
        if (count < 0) problem = count
        yield* sys_close(entering(k), fd)
      }
      return problem
    }
    return { streams, finish }
  }
}

/** One command; without a name there are only assignments. */
const run_command = kfunc(
  'shell: shell',
  function* run_command(
    k: Kernel,
    tools: ReadonlyMap<string, ShellTool>,
    name: string | undefined,
    args: readonly string[],
    around: Parameters<ShellTool>[2],
  ) {
    yield* []
    if (name === undefined) return done('')
    if (name === 'break' || name === 'continue') {
      around.session.jump = name
      return done('')
    }
    const tool = tools.get(name)
    if (tool === undefined) return failed(`bash: ${name}: command not found`, 127)
    const outcome: Outcome = yield* tool(k, args, around)
    return outcome
  },
)
