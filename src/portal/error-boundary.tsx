/** A page that breaks says so, and leaves the menu and everything else as it was; never a white page. */
import { Component, type ReactNode } from 'react'
import { Failed } from './parts/states.tsx'

interface Props {
  /** Another page, or a server that is back, begins anew. */
  readonly attempt: string
  readonly children: ReactNode
}

interface State {
  readonly error: Error | undefined
  readonly attempt: string
}

/** React tells of errors to classes only: https://react.dev/reference/react/Component#static-getderivedstatefromerror */
export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { attempt: this.props.attempt, error: undefined }

  static getDerivedStateFromError(cause: unknown): Partial<State> {
    return { error: cause instanceof Error ? cause : new Error(String(cause)) }
  }

  static getDerivedStateFromProps({ attempt }: Props, state: State): State | null {
    return attempt === state.attempt ? null : { attempt, error: undefined }
  }

  override render(): ReactNode {
    const { error } = this.state
    // Loaded again, for a page may break because a new version has been installed meanwhile.
    return error === undefined ? this.props.children : <Failed isPage error={error} onRetry={() => location.reload()} />
  }
}
