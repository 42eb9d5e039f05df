/** One byte of persistent memory by all its names: physical address, DIMM and its own address, file and offset. */

import { type FormEvent, Fragment, useEffect, useRef, useState } from 'react'
import { address, addressOf } from '../../base/bytes.ts'
import type { ByteName, DeviceView, TranslationView } from '../../protocol/devices.ts'
import { useApp, useAppState } from '../app-context.ts'

interface Props {
  readonly devices: readonly DeviceView[]
  /** A byte that somebody wants to see by all its names. */
  readonly sought: ByteName | undefined
}

export function AddressForm({ devices, sought }: Props) {
  const app = useApp()
  const line = useAppState((state) => state.line)
  const dimms = useAppState((state) => state.frame?.dimms)
  const files = filesOf(devices)
  const [kind, setKind] = useState<ByteName['kind']>(sought?.kind ?? 'spa')
  const [text, setText] = useState(() => textOf(sought, line?.line))
  const [dimm, setDimm] = useState(sought?.kind === 'dimm' ? sought.dimm : 0)
  const [file, setFile] = useState(sought?.kind === 'file' ? sought.file : (files[0] ?? ''))
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (sought === undefined) return
    field.current?.focus()
    let wanted = true
    void app.details.translate(sought).then((found) => {
      if (wanted) setAnswer(found)
    })
    return () => {
      wanted = false
    }
  }, [sought, app])
  const [answer, setAnswer] = useState<TranslationView>()
  const find = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const value = addressOf(text)
    if (value === undefined) {
      setAnswer({ found: false, message: `"${text}" is no address: write 0x1_0020_0040, 4096 or 4K` })
      return
    }
    const name: ByteName =
      kind === 'spa'
        ? { kind, spa: value }
        : kind === 'dimm'
          ? { kind, dimm, dpa: value }
          : { kind, file: files.includes(file) ? file : (files[0] ?? ''), offset: value }
    setAnswer(await app.details.translate(name))
  }
  return (
    <form className="address-form" onSubmit={(event) => void find(event)}>
      <p className="muted">
        A byte of the memory in the firmware's table by any of its names: the kernel's physical address, the DIMM and
        its own address, the device file and the offset in it.
      </p>
      <div className="row">
        <label>
          <span>known</span>
          <select value={kind} onChange={(event) => setKind(event.target.value as ByteName['kind'])}>
            <option value="spa">physical address (SPA)</option>
            <option value="dimm">DIMM and DPA</option>
            {files.length > 0 && <option value="file">file and offset</option>}
          </select>
        </label>
        {kind === 'dimm' && (
          <label>
            <span>DIMM</span>
            <select value={dimm} onChange={(event) => setDimm(Number(event.target.value))}>
              {(dimms ?? []).map((each) => (
                <option key={each.dimm} value={each.dimm}>
                  NVDIMM {each.dimm}
                </option>
              ))}
            </select>
          </label>
        )}
        {kind === 'file' && (
          <label>
            <span>file</span>
            <select value={file} onChange={(event) => setFile(event.target.value)}>
              {files.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>{kind === 'spa' ? 'SPA' : kind === 'dimm' ? 'DPA' : 'offset'}</span>
          <input
            ref={field}
            type="text"
            inputMode="text"
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <button type="submit" className="address-submit">
          Translate
        </button>
      </div>
      <output aria-live="polite">{answer !== undefined && <Answer answer={answer} />}</output>
    </form>
  )
}

function textOf(sought: ByteName | undefined, line: number | undefined): string {
  if (sought?.kind === 'file') return String(sought.offset)
  const at = sought === undefined ? line : sought.kind === 'spa' ? sought.spa : sought.dpa
  return at === undefined ? '' : address(at)
}

/** As programs open them. */
const filesOf = (devices: readonly DeviceView[]): readonly string[] =>
  devices
    .filter(({ kind, name, driver }) => kind === 'disk' || (/^dax/.test(name) && driver === 'device_dax'))
    .map(({ name, attributes }) => {
      const mapped = attributes.find((each) => each.name === 'dm/name')?.value
      return mapped === undefined ? `/dev/${name}` : `/dev/mapper/${mapped}`
    })

function Answer({ answer }: { readonly answer: TranslationView }) {
  const app = useApp()
  if (!answer.found) return <p className="wrong">{answer.message}</p>
  const { spa, dimm, dpa, nmem, region, file, offset, mapped = [], table } = answer
  const line = spa - (spa % 64)
  return (
    <dl className="facts">
      <dt>SPA</dt>
      <dd className="mono">{address(spa)}</dd>
      <dt>media</dt>
      <dd className="mono">
        {dimm !== undefined && `NVDIMM ${dimm}${nmem === undefined ? '' : ` (${nmem})`}, DPA ${address(dpa ?? 0)}`}
        {answer.assumed && ' (4 KiB in turn are assumed: the table does not say)'}
        {answer.volatile && dimm !== undefined && ', '}
        {answer.volatile && 'volatile: a power failure takes it'}
      </dd>
      {region !== undefined && (
        <>
          <dt>region</dt>
          <dd className="mono">{region}</dd>
        </>
      )}
      <dt>file</dt>
      <dd className="mono">{file === undefined ? 'no file shows it' : `${file} @ ${offset}`}</dd>
      {mapped.map((each) => (
        <Fragment key={`${each.file} ${each.offset}`}>
          <dt>mapped</dt>
          <dd className="mono">
            {each.file} @ {each.offset}
          </dd>
        </Fragment>
      ))}
      {table !== undefined && (
        <>
          <dt>table</dt>
          <dd>{table}</dd>
        </>
      )}
      <dt>cache line</dt>
      <dd>
        <button
          type="button"
          className="address-submit"
          onClick={() => {
            app.details.selectLine(line, spa - line)
            app.details.showTab('inspect')
          }}
        >
          {address(line)}, byte {spa - line}
        </button>
      </dd>
    </dl>
  )
}
