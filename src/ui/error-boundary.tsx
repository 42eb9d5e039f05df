/** A defect of the page itself ends in a message with the scenario in it, never in a blank page. */

import { Component, type ReactNode } from 'react'

interface Props {
  readonly scenario: () => string
  readonly children: ReactNode
}

export class ErrorBoundary extends Component<Props, { readonly message: string | undefined }> {
  override readonly state: { readonly message: string | undefined } = { message: undefined }

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === undefined) return this.props.children
    return (
      <main style={{ padding: '2rem', maxWidth: '60rem' }}>
        <h1>The page has a defect</h1>
        <p>{this.state.message}</p>
        <p>Your scenario, to copy before you reload:</p>
        <textarea readOnly rows={20} style={{ width: '100%' }} value={this.props.scenario()} aria-label="Scenario" />
        <p>
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      </main>
    )
  }
}
