/**
 * What was seen, and when: printed for people as it happens, or as one JSON object at the end. A step that was not
 * observed makes the whole demo fail.
 */
export interface Seen {
  readonly name: string
  readonly observed: boolean
  /** Since the demo began. */
  readonly ms: number
  readonly detail?: string
}

export class Timeline {
  readonly steps: Seen[] = []
  readonly #began = performance.now()
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  say(text: string): void {
    this.#write(`\n${text}\n`)
  }

  /** A statement, and whether it held. A fault while looking counts as not observed. */
  async see(name: string, look: () => Promise<boolean | string>): Promise<boolean> {
    const found = await look().catch((cause: unknown) => cause)
    const observed = found === true || typeof found === 'string'
    const ms = Math.round(performance.now() - this.#began)
    const detail = typeof found === 'string' ? found : found instanceof Error ? found.message : undefined
    this.steps.push({ name, observed, ms, ...(detail === undefined ? {} : { detail }) })
    this.#write(
      `  ${(ms / 1_000).toFixed(2).padStart(6)} s  ${observed ? '✓' : '✗ NOT SEEN:'} ${name}${detail === undefined ? '' : ` — ${detail}`}\n`,
    )
    return observed
  }

  get ok(): boolean {
    return this.steps.length > 0 && this.steps.every((step) => step.observed)
  }
}
