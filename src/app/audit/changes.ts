/**
 * Notices that something happened, on whichever replica, by the audit trail: every transition has an event. Reading the
 * trail is an event too, and is passed over, or whoever watches would keep waking itself.
 */
import type { App } from '../app.ts'

const A_LOOK = 200

export class Changes {
  readonly #app: Pick<App, 'store' | 'log'>
  readonly #listeners = new Set<() => void>()
  #seen: number | undefined

  constructor(app: Pick<App, 'store' | 'log'>) {
    this.#app = app
  }

  /** Returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#seen = undefined
    }
  }

  /** Asks the store, when anybody listens; never rejects. */
  async look(): Promise<void> {
    if (this.#listeners.size === 0) return
    try {
      if (await this.#happened()) for (const listener of this.#listeners) listener()
    } catch (cause) {
      this.#app.log.warn({ cause }, 'whether something happened could not be read; it is asked again')
    }
  }

  async #happened(): Promise<boolean> {
    const { reads } = this.#app.store
    const { seq } = await reads.auditHead()
    const before = this.#seen
    this.#seen = seq
    // The first look: what happened before anybody listened is on the pages already.
    if (before === undefined || seq === before) return false
    if (seq > before + A_LOOK) return true
    const events = await reads.audit({}, { after: before, limit: A_LOOK })
    return events.some(({ action }) => !action.startsWith('audit.'))
  }
}
