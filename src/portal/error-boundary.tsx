/** A page that breaks says so, and leaves the menu and everything else as it was; never a white page. */
import { Component, type ReactNode } from 'react'
import { Failed } from './parts/states.tsx'

interface Props {
  /** Another page begins anew. */
  readonly page: string
  readonly children: ReactNode
}

interface State {
  readonly error: Error | undefined
  readonly page: string
}

/** React tells of errors to classes only: https://react.dev/reference/react/Component#static-getderivedstatefromerror */
export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { page: this.props.page, error: undefined }

  static getDerivedStateFromError(cause: unknown): Partial<State> {
    return { error: cause instanceof Error ? cause : new Error(String(cause)) }
  }

  static getDerivedStateFromProps({ page }: Props, state: State): State | null {
    return page === state.page ? null : { page, error: undefined }
  }

  override render(): ReactNode {
    const { error } = this.state
    // Loaded again, for a page may break because a new version has been installed meanwhile.
    return error === undefined ? this.props.children : <Failed error={error} onRetry={() => location.reload()} />
  }
}
