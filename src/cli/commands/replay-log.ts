/** `pmemscope replay-log LOG`: what dm-log-writes noted, listed, searched, or written onto an image. */

import { err, ok, type Result } from '../../base/result.ts'
import { flagNames, type Log, type LogEntry, markOf, seekLine } from '../../formats/dm-log-writes/log.ts'
import { parseLog } from '../../formats/dm-log-writes/parse.ts'
import { replayLog } from '../../formats/dm-log-writes/replay.ts'
import { type Selected, type Selection, selectEntries } from '../../formats/dm-log-writes/select.ts'
import type { Arguments } from '../arguments.ts'
import { BROKEN, type Command, complain, FINE, JSON_OPTION, json, nameOf, type World } from '../command.ts'

const NOTES = `Without --replay, --find and --num-entries it prints what the log is. Options and output are those of replay-log
(github.com/josefbacik/log-writes); --image gives what the device held before.
Exit status: 0 fine, 1 there is no such entry or mark, 2 a log or an image that can't be read or written.
`

export const replayLogCommand: Command = {
  name: 'replay-log',
  operands: ['LOG'],
  summary: 'read the log of a dm-log-writes device, find entries in it, replay it onto an image',
  notes: NOTES,
  options: {
    replay: { value: 'IMAGE-OUT', summary: 'write what the device would hold' },
    image: { value: 'IN', summary: 'what it held before; an empty file unless given' },
    limit: { value: 'N', summary: 'so many entries at most' },
    'start-entry': { value: 'N', summary: 'from this entry on; they count from 0' },
    'start-mark': { value: 'M', summary: 'from behind this mark on' },
    'end-mark': { value: 'M', summary: 'up to this mark, or find it' },
    'next-flush': { summary: 'up to the next flush, or find it' },
    'next-fua': { summary: 'up to the next FUA write, or find it' },
    find: { summary: 'print the number of the entry that the other options lead to' },
    'num-entries': { summary: 'print how many entries there are' },
    'no-discard': { summary: 'pass by discards' },
    verbose: { short: 'v', many: true, summary: 'print what is replayed; twice: also what is passed by' },
    json: JSON_OPTION,
  },
  run,
}

/** Bytes of a log, or of an image: an NVDIMM of the largest scenarios. */
const MOST_BYTES = 1024 * 1024 * 1024

async function run(given: Arguments, world: World): Promise<number> {
  const [path = ''] = given.operands
  const selection = selectionOf(given)
  if (!selection.ok) return complain(world, selection.error)
  const bytes = await world.terminal.read(path, MOST_BYTES)
  if (!bytes.ok) return complain(world, `${nameOf(path)}: ${bytes.error}`)
  const log = parseLog(bytes.value)
  if (!log.ok) return complain(world, `${nameOf(path)}: byte ${log.error.offset}: ${log.error.message}`)
  const selected = selectEntries(log.value, selection.value)
  if (!selected.ok) return notThere(world, selected.error)
  const find = given.has('find')
  if (find && !selected.value.found) return notThere(world, "Couldn't find entry")
  const replayed = find ? ok([]) : await replay(given, world, log.value, selected.value)
  if (!replayed.ok) return complain(world, replayed.error)
  world.terminal.out(
    given.has('json')
      ? json(reportOf(log.value, selected.value, given))
      : [...passedBy(given, log.value, selected.value), ...replayed.value, ...answer(given, log.value, selected.value)]
          .map((line) => `${line}\n`)
          .join(''),
  )
  return FINE
}

/** In the words of replay-log. */
function notThere(world: World, said: string): number {
  world.terminal.err(`${said}\n`)
  return BROKEN
}

function selectionOf(given: Arguments): Result<Selection, string> {
  const numbers: (number | undefined)[] = []
  for (const name of ['limit', 'start-entry']) {
    const text = given.one(name)
    if (text !== undefined && !/^\d{1,15}$/.test(text)) return err(`--${name} ${text}: expected a number of entries`)
    numbers.push(text === undefined ? undefined : Number(text))
  }
  if (given.has('image') && !given.has('replay')) return err('--image: there is nothing to replay without --replay')
  return ok({
    limit: numbers[0],
    startEntry: numbers[1],
    startMark: given.one('start-mark'),
    endMark: given.one('end-mark'),
    nextFlush: given.has('next-flush'),
    nextFua: given.has('next-fua'),
  })
}

/** Lines for people; the error is for people, too. */
async function replay(
  given: Arguments,
  { terminal }: World,
  log: Log,
  { from, to }: Selected,
): Promise<Result<readonly string[], string>> {
  const out = given.one('replay')
  if (out === undefined || given.has('num-entries')) return ok([])
  const image = given.one('image')
  const onto = image === undefined ? ok(new Uint8Array(0)) : await terminal.read(image, MOST_BYTES)
  if (!onto.ok) return err(`--image ${image}: ${onto.error}`)
  const done = replayLog(log, from, to, onto.value, !given.has('no-discard'))
  if (!done.ok) return err(done.error)
  const failed = await terminal.write(out, done.value.image)
  if (failed !== undefined) return err(`--replay ${out}: ${failed}`)
  return ok(given.has('verbose') ? done.value.lines : [])
}

/** What is printed for -v -v of entries on the way. */
function passedBy(given: Arguments, { entries }: Log, { from, to }: Selected): readonly string[] {
  if (given.all('verbose').length < 2) return []
  return entries.slice(0, given.has('find') ? to : from).map((entry, index) => seekLine(index, entry))
}

function answer(given: Arguments, { sectorsize, entries }: Log, { to }: Selected): readonly string[] {
  if (given.has('find')) return [String(to - 1)]
  if (given.has('num-entries')) return [String(entries.length)]
  return given.has('replay') ? [] : [`Log version=1, sectorsize=${sectorsize}, entries=${entries.length}`]
}

function reportOf({ sectorsize, entries }: Log, { from, to, found }: Selected, given: Arguments): object {
  return {
    version: 1,
    sectorsize,
    nr_entries: entries.length,
    selected: { from, to, found },
    replayed: given.has('replay') && !given.has('find') && !given.has('num-entries'),
    entries: entries.slice(from, to).map((entry, i) => entryOf(entry, from + i)),
  }
}

const entryOf = (entry: LogEntry, index: number): object => ({
  index,
  sector: entry.sector,
  nr_sectors: entry.nrSectors,
  flags: entry.flags.toString(),
  names: flagNames(entry.flags),
  data_len: entry.dataLength,
  mark: markOf(entry) ?? null,
})
