/** What the power failure took and what it left, or what it would at this step; the verdict of recover(). */

import { hex } from '../../base/bytes.ts'
import type { LossView, LostRange, SurvivingRange } from '../../protocol/frame.ts'
import type { RecoverOutcome } from '../../protocol/messages.ts'
import { useAppState } from '../app-context.ts'
import { CommandButton } from '../widgets/command-button.tsx'
import { Interventions } from './interventions.tsx'
import { MayBeLost } from './may-be-lost.tsx'
import { MOST_RANGES, More, Place, Source } from './range-parts.tsx'

const WHERE = {
  'store-buffer': 'in a store buffer',
  l1: 'dirty in L1d',
  l3: 'dirty in L3',
  wc: 'in a write-combining buffer',
  wpq: 'in a write-pending queue',
  'page-cache': 'in the page cache',
  'buffer-cache': 'in the buffer cache',
} as const

/** Longest run of bytes that is written out; of longer ones the beginning. */
const MOST_BYTES = 64

export default function FailureTab() {
  const loss = useAppState((state) => state.loss)
  const failedAt = useAppState((state) => state.frame?.failedAt)
  const recover = useAppState((state) => state.summary?.recover)
  if (loss === undefined) return <p className="empty">Nothing is recorded yet.</p>
  const failed = failedAt !== undefined
  return (
    <>
      <div className="heading-row">
        <h3 className="heading">
          {failed ? `The power failed at step ${failedAt}` : `If the power failed at step ${loss.step}`}
        </h3>
      </div>
      {failed && recover !== undefined && <Verdict recover={recover} />}
      <Tally loss={loss} failed={failed} />
      {!failed && (
        <p className="empty">
          <CommandButton id="power" look="danger">
            ⚡ Power failure here
          </CommandButton>
        </p>
      )}
      <h3 className="heading">{failed ? 'Lost in this run' : 'Would be lost in this run'}</h3>
      {loss.lost.length === 0 ? (
        <p className="empty">Nothing: every byte that was stored is on media or in the persistence domain.</p>
      ) : (
        <ul className="ranges" aria-label={failed ? 'Lost' : 'Would be lost'}>
          {loss.lost.slice(0, MOST_RANGES).map((range) => (
            <Lost
              key={`${range.spa} ${range.where} ${range.file} ${range.offset} ${range.block} ${range.written}`}
              range={range}
            />
          ))}
        </ul>
      )}
      <More count={loss.lost.length - MOST_RANGES} />
      <h3 className="heading">{failed ? 'Survived' : 'Would survive'}</h3>
      {loss.survived.length === 0 ? (
        <p className="empty">Nothing of what the program stored.</p>
      ) : (
        <ul className="ranges" aria-label={failed ? 'Survived' : 'Would survive'}>
          {loss.survived.slice(0, MOST_RANGES).map((range) => (
            <Survived key={range.spa} range={range} />
          ))}
        </ul>
      )}
      <More count={loss.survived.length - MOST_RANGES} />
      <MayBeLost step={loss.step} />
      <Interventions />
    </>
  )
}

function Verdict({ recover }: { readonly recover: RecoverOutcome }) {
  return (
    <section className={recover.broken ? 'verdict broken' : 'verdict'} aria-label="Verdict of recover()">
      <h3>{recover.broken ? '✗ recover() found it broken' : '✓ recover() found it whole'}</h3>
      <p>{recover.message}</p>
      {recover.output !== '' && <pre>{recover.output}</pre>}
    </section>
  )
}

function Tally({ loss, failed }: { readonly loss: LossView; readonly failed: boolean }) {
  const all = Math.max(1, loss.lostBytes + loss.survivingBytes)
  const rows = [
    { name: failed ? 'lost' : 'would be lost', count: loss.lostBytes, look: 'lost' },
    { name: failed ? 'survived' : 'would survive', count: loss.survivingBytes, look: 'kept' },
  ]
  return (
    <div className="tally">
      {rows.map(({ name, count, look }) => (
        <div key={look} style={{ display: 'contents' }}>
          <span>{name}</span>
          <div className="bar-track" aria-hidden="true">
            {count > 0 && <div className={`bar-fill ${look}`} style={{ width: `${(100 * count) / all}%` }} />}
          </div>
          <span className="mono">{count.toLocaleString('en')} B</span>
        </div>
      ))}
    </div>
  )
}

function Lost({ range }: { readonly range: LostRange }) {
  return (
    <li className="range lost">
      <div className="range-head">
        <Place range={range} />
        <span className="muted">
          {range.length} B · {WHERE[range.where]}
        </span>
      </div>
      <Source range={range} />
      <table>
        <tbody>
          <tr>
            <th scope="row">written</th>
            <td>
              <Bytes values={range.written} gone={range.left} />
            </td>
          </tr>
          {range.left.length > 0 && (
            <tr>
              <th scope="row">left</th>
              <td>
                <Bytes values={range.left} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </li>
  )
}

function Survived({ range }: { readonly range: SurvivingRange }) {
  return (
    <li className="range">
      <div className="range-head">
        <Place range={range} />
        <span className="muted">{range.length} B</span>
      </div>
      <Source range={range} />
      <table>
        <tbody>
          <tr>
            <th scope="row">bytes</th>
            <td>
              <Bytes values={range.bytes} />
            </td>
          </tr>
        </tbody>
      </table>
    </li>
  )
}

/** `gone`: what is there instead; a byte that differs is struck through. */
function Bytes({ values, gone }: { readonly values: readonly number[]; readonly gone?: readonly number[] }) {
  return (
    <>
      {values.slice(0, MOST_BYTES).map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place
        <span key={index} className={gone !== undefined && gone[index] !== value ? 'gone' : undefined}>
          {hex(value, 2)}{' '}
        </span>
      ))}
      {values.length > MOST_BYTES && '…'}
    </>
  )
}
