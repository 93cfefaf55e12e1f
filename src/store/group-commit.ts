/**
 * One writer for SQLite. Transactions that arrive while one commits share the next BEGIN … COMMIT, each inside its own
 * savepoint, so that one disk flush serves them all and one that rejects rolls back alone. Nobody is answered before
 * the shared commit is on disk; when it fails, the whole group rejects.
 *
 * Between groups the event loop turns: a synchronous database would otherwise starve sockets and timers.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** A group ends at whichever comes first, so that nobody waits long for strangers. */
const LARGEST_GROUP = 256
const LONGEST_GROUP_MS = 8

interface Member {
  /** Runs the work; what it returns hands the result to the caller, later. */
  run(): Promise<() => void>
  reject(cause: unknown): void
}

export class GroupCommit {
  readonly #db: DatabaseSync
  readonly #queue: Member[] = []
  readonly #commands: Readonly<
    Record<'begin' | 'savepoint' | 'release' | 'undo' | 'commit' | 'rollback', StatementSync>
  >
  #turning = false
  readonly #idle: (() => void)[] = []

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#commands = {
      begin: db.prepare('begin immediate'),
      savepoint: db.prepare('savepoint member'),
      release: db.prepare('release member'),
      undo: db.prepare('rollback to member'),
      commit: db.prepare('commit'),
      rollback: db.prepare('rollback'),
    }
  }

  /** `work` must await nothing but its own statements: everybody else waits for it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        run: async () => {
          const value = await work()
          return () => resolve(value)
        },
        reject,
      })
      this.#turn()
    })
  }

  /** True while a group is open: what its members wrote is not to be seen by others yet. */
  get isOpen(): boolean {
    return this.#db.isTransaction
  }

  /** Resolves when everything that was handed over has been answered. */
  async drain(): Promise<void> {
    if (this.#turning) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => void this.#next())
  }

  /** Never rejects: every failure goes to the callers. */
  async #next(): Promise<void> {
    await this.#group()
    if (this.#queue.length > 0) {
      setImmediate(() => void this.#next())
      return
    }
    this.#turning = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #group(): Promise<void> {
    const members: Member[] = []
    const answers: (() => void)[] = []
    try {
      this.#commands.begin.run()
      const started = performance.now()
      for (const member of this.#arriving(members, started)) answers.push(await this.#answerOf(member))
      this.#commands.commit.run()
    } catch (cause) {
      this.#failed(members, cause)
      return
    }
    for (const answer of answers) answer()
  }

  *#arriving(members: Member[], started: number): Generator<Member> {
    while (members.length < LARGEST_GROUP && performance.now() - started < LONGEST_GROUP_MS) {
      const member = this.#queue.shift()
      if (member === undefined) return
      members.push(member)
      yield member
    }
  }

  /** Throws only when the whole group is lost: some failures, such as a full disk, end the transaction itself. */
  async #answerOf(member: Member): Promise<() => void> {
    this.#commands.savepoint.run()
    try {
      const answer = await member.run()
      this.#commands.release.run()
      return answer
    } catch (cause) {
      if (!this.#db.isTransaction) throw cause
      this.#commands.undo.run()
      this.#commands.release.run()
      return () => member.reject(cause)
    }
  }

  #failed(members: readonly Member[], cause: unknown): void {
    if (this.#db.isTransaction) this.#commands.rollback.run()
    const lost = members.length > 0 ? members : this.#queue.splice(0)
    for (const member of lost) member.reject(new Error('the transaction was not committed; nothing changed', { cause }))
  }
}
