/** What differs between two recordings, section by section; what is the same is said in one word. */

import type { ComparedRow, ComparedSection, Comparison } from '../../protocol/compare.ts'

/** Of a long section so many rows are shown. */
const MOST_ROWS = 60

export function ComparisonTable({ comparison: { names, sections } }: { readonly comparison: Comparison }) {
  return (
    <table className="comparison">
      <thead>
        <tr>
          <td />
          {names.map((name, index) => (
            <th key={index === 0 ? 'other' : 'this'} scope="col">
              {name.replace('+', '\u200b+')}
              <span className="muted">{index === 0 ? 'the other' : 'this one'}</span>
            </th>
          ))}
        </tr>
      </thead>
      {sections.map((section) => (
        <Section key={section.title} section={section} columns={names.length} />
      ))}
    </table>
  )
}

function Section({ section, columns }: { readonly section: ComparedSection; readonly columns: number }) {
  const { title, same, rows } = section
  const more = rows.length - MOST_ROWS
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={columns + 1} className="heading">
          {title}
          {same && <span className="muted"> · the same</span>}
        </th>
      </tr>
      {rows.slice(0, MOST_ROWS).map((row) => (
        <Row key={`${row.name} ${row.of}`} row={row} />
      ))}
      {more > 0 && (
        <tr>
          <td colSpan={columns + 1} className="muted">
            and {more} more
          </td>
        </tr>
      )}
    </tbody>
  )
}

function Row({ row: { name, of, values } }: { readonly row: ComparedRow }) {
  const differs = values.some((value) => value !== values[0])
  return (
    <tr className={differs ? 'differs' : undefined}>
      <th scope="row">
        {differs && (
          <span className="sign" title="differs">
            ≠
          </span>
        )}
        {name}
        {of !== undefined && <span className="muted mono">{of}</span>}
      </th>
      {values.map((value, index) => (
        <td key={index === 0 ? 'other' : 'this'} className="mono">
          {value === '' ? <span className="muted">–</span> : value}
        </td>
      ))}
    </tr>
  )
}
