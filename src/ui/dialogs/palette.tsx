/** Every command by name. Typing narrows, arrows choose, Enter runs. A number goes to that step, "#17" to line 17. */

import { type KeyboardEvent, useState } from 'react'
import { COMMANDS, isPossible } from '../../state/commands.ts'
import { capOf } from '../../state/keymap.ts'
import { useApp, useAppState } from '../app-context.ts'
import { Modal } from '../widgets/modal.tsx'

interface Item {
  readonly id: string
  readonly title: string
  readonly cap: string
  readonly possible: boolean
  run(): void
}

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const items = useItems()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const shown = items(query)
  const chosen = Math.min(at, shown.length - 1)
  const run = (item: Item | undefined): void => {
    if (item === undefined || !item.possible) return
    onClose()
    item.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, shown.length))
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + shown.length) % Math.max(1, shown.length))
    else if (event.key === 'Enter') run(shown[chosen])
    else return
    event.preventDefault()
  }
  return (
    <Modal title="Find a command" onClose={onClose} bare>
      <input
        className="palette-input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[chosen] === undefined ? undefined : `palette-${shown[chosen].id}`}
        aria-label="Command, step number, or #line"
        placeholder="Command, step number, or #line"
        data-first
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id="palette-list" role="listbox" aria-label="Commands">
        {shown.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the field
          <div
            key={item.id}
            id={`palette-${item.id}`}
            role="option"
            aria-selected={index === chosen}
            aria-disabled={!item.possible}
            tabIndex={-1}
            onClick={() => run(item)}
          >
            <span>{item.title}</span>
            {item.cap !== '' && <kbd>{item.cap}</kbd>}
          </div>
        ))}
      </div>
      {shown.length === 0 && (
        <p className="palette-nothing muted" role="status">
          Nothing is called that.
        </p>
      )}
    </Modal>
  )
}

function useItems(): (query: string) => readonly Item[] {
  const app = useApp()
  const state = useAppState((all) => all)
  return (query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    const commands: Item[] = COMMANDS.map((command) => ({
      id: command.id,
      title: command.title,
      cap: command.keys.map(capOf).join('  '),
      possible: isPossible(command, state),
      run: () => command.run(app),
    }))
    const choices: Item[] = (state.frame?.choices ?? []).map(({ transition, sentence }, index) => ({
      id: `hardware-${index}`,
      title: `Hardware: ${sentence}`,
      cap: '',
      possible: true,
      run: () => void app.power.take(transition),
    }))
    const scenarios: Item[] = app.gallery.map((entry) => ({
      id: `scenario-${entry.name}`,
      title: `Open ${entry.kind === 'litmus' ? 'litmus test' : 'scenario'}: ${entry.title}`,
      cap: '',
      possible: true,
      run: () => void app.openEntry(entry),
    }))
    const found = [...commands, ...choices, ...scenarios].filter(({ title }) =>
      words.every((word) => title.toLowerCase().includes(word)),
    )
    const number = /^(#?)(\d+)$/.exec(query.trim())
    if (number === null) return found
    const value = Number(number[2])
    const item: Item =
      number[1] === '#'
        ? { id: 'go-line', title: `Show line ${value}`, cap: '', possible: true, run: () => app.showLine(value) }
        : {
            id: 'go-step',
            title: `Go to step ${value}`,
            cap: '',
            possible: true,
            run: () => void app.stepping.seek(value),
          }
    return [item, ...found]
  }
}
