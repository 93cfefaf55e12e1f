/**
 * Owns time and order. Whatever the simulated program waits for is either a gate (a call to the store or to a driver) or
 * a timer; one thing at a time is let go, and everything that follows from it runs before the next is chosen. So a run
 * is a function of its seed.
 */
import type { Instant, Millis } from '../../src/domain/time.ts'

/** A process: what it waits for is dropped when it dies, and waits while it is paused. */
export interface Process {
  readonly name: string
  alive: boolean
  paused: boolean
}

interface Gate {
  readonly process: Process
  readonly label: string
  readonly open: () => void
}

interface Timer {
  readonly process: Process
  readonly at: Instant
  readonly order: number
  readonly fire: () => void
}

const realSetImmediate = setImmediate
const realSetTimeout = setTimeout
const realClearTimeout = clearTimeout
const realAbortTimeout = AbortSignal.timeout.bind(AbortSignal)

export class Scheduler {
  now: Instant
  /** Whose code runs now: timers that it starts are its own. */
  current: Process
  #gates: Gate[] = []
  #timers: Timer[] = []
  #order = 0
  #working = 0

  constructor(start: Instant, world: Process) {
    this.now = start
    this.current = world
  }

  /** Waits to be let go. */
  gate(process: Process, label: string): Promise<void> {
    return new Promise((resolve) => {
      if (process.alive) this.#gates.push({ process, label, open: resolve })
    })
  }

  after(millis: Millis, fire: () => void): Timer {
    const timer = { process: this.current, at: this.now + Math.max(0, millis), order: this.#order++, fire }
    this.#timers.push(timer)
    return timer
  }

  cancel(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  /** Real work outside the simulation's time: the choice of what comes next waits for it. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1
    try {
      return await work()
    } finally {
      this.#working -= 1
    }
  }

  /** What could be let go now, in the order in which it began to wait. */
  waiting(): readonly Gate[] {
    return this.#gates.filter(({ process }) => !process.paused)
  }

  async open(gate: Gate): Promise<void> {
    this.#gates = this.#gates.filter((other) => other !== gate)
    await this.run(gate.process, gate.open)
  }

  /** Runs code as this process, and all that follows from it. */
  async run(process: Process, code: () => void): Promise<void> {
    this.current = process
    code()
    do await new Promise<void>((resolve) => realSetImmediate(resolve))
    while (this.#working > 0)
  }

  /** When the next timer of a process that is not paused fires. */
  nextTimer(): Instant | undefined {
    const [next] = this.#due(Number.POSITIVE_INFINITY)
    return next?.at
  }

  /** Moves time; fires what became due, in order. */
  async advance(to: Instant): Promise<void> {
    this.now = Math.max(this.now, to)
    for (let [next] = this.#due(this.now); next !== undefined; [next] = this.#due(this.now)) {
      this.cancel(next)
      await this.run(next.process, next.fire)
    }
  }

  kill(process: Process): void {
    process.alive = false
    this.#gates = this.#gates.filter((gate) => gate.process !== process)
    this.#timers = this.#timers.filter((timer) => timer.process !== process)
  }

  #due(until: Instant): Timer[] {
    return this.#timers
      .filter(({ at, process }) => at <= until && !process.paused)
      .sort((a, b) => a.at - b.at || a.order - b.order)
  }

  /** The program's own timers run on this time; returns how to undo it. */
  takeOverTimers(): () => void {
    const start = (fire: () => void, millis = 0): Timer => this.after(millis, fire)
    // A test double of a global: only the part of its type that the program uses is there.
    globalThis.setTimeout = start as unknown as typeof setTimeout
    globalThis.clearTimeout = ((timer: Timer) => this.cancel(timer)) as unknown as typeof clearTimeout // as above
    AbortSignal.timeout = (millis) => {
      const controller = new AbortController()
      this.after(millis, () => controller.abort(new DOMException('the deadline has passed', 'TimeoutError')))
      return controller.signal
    }
    return () => {
      globalThis.setTimeout = realSetTimeout
      globalThis.clearTimeout = realClearTimeout
      AbortSignal.timeout = realAbortTimeout
    }
  }
}

export function never(): Promise<never> {
  return new Promise(() => {})
}
