/**
 * Connections to PostgreSQL: sessions, transactions, and what to do when the server says "again" or goes away.
 * A transaction that lost a deadlock is run again from its beginning, so its work must be repeatable.
 */
import { DatabaseError, Pool, types, type ClientConfig, type PoolClient, type QueryConfig, type QueryResult } from 'pg'
import { POSTGRES } from './flavour.ts'
import type { Session, Take } from './session.ts'

const ATTEMPTS = 6

/**
 * Serialisation failure and deadlock; and a plan that another replica's migration made stale, for which only a new
 * connection helps. PostgreSQL's manual, appendix A.
 */
const AGAIN = new Set(['40001', '40P01', '0A000'])

/** Names of prepared statements, the same on every connection. Texts are few: they never hold values. */
const names = new Map<string, string>()

export class PostgresConnections {
  readonly #pool: Pool
  /** For reads: each statement on whichever connection is free. */
  readonly session: Session

  constructor(url: string, max: number) {
    this.#pool = new Pool({ ...settingsFor(url), max })
    // A connection that breaks tells twice: to whoever waits for an answer, and here, where an unheard error would end
    // the process. The pool drops it and makes a new one.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
    this.session = {
      flavour: POSTGRES,
      run: (sql, values, take) => this.#again((client) => runOn(client, { sql, values, take })),
    }
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#again((client) => inTransaction(client, work))
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #again<T>(act: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.#pool.connect()
      try {
        const value = await act(client)
        client.release()
        return value
      } catch (cause) {
        client.release(!(await isSound(client, cause)))
        if (attempt === ATTEMPTS || !AGAIN.has(codeOf(cause))) throw cause
      }
    }
  }
}

/** Every call ends: by the server's own limits, and by ours when the server is gone without a word. */
export function settingsFor(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'sallyport',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    statement_timeout: 20_000,
    idle_in_transaction_session_timeout: 20_000,
    query_timeout: 25_000,
    types: { getTypeParser },
  }
}

/** int8 as a number: ours are milliseconds and counters, far below 2^53. */
const getTypeParser: typeof types.getTypeParser = (...[type, format]: Parameters<typeof types.getTypeParser>) =>
  type === types.builtins.INT8 ? Number : types.getTypeParser(type, format)

async function inTransaction<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  await ask(client, { text: 'begin' })
  const value = await work({ flavour: POSTGRES, run: (sql, values, take) => runOn(client, { sql, values, take }) })
  const { command } = await ask(client, { text: 'commit' })
  // A transaction in which a statement failed answers COMMIT by rolling back, without an error.
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back, because one of its statements failed')
  return value
}

interface Run {
  readonly sql: string
  readonly values: readonly unknown[]
  readonly take: Take | undefined
}

async function runOn(client: PoolClient, { sql, values, take }: Run): Promise<readonly unknown[]> {
  const name = names.get(sql) ?? `s${names.size}`
  names.set(sql, name)
  const { rows } = await ask(client, { name, text: sql, values: [...values] })
  return take === undefined ? rows : rows.map(take)
}

async function ask(client: PoolClient, query: QueryConfig): Promise<QueryResult<Record<string, unknown>>> {
  try {
    return await client.query<Record<string, unknown>>(query)
  } catch (cause) {
    throw cause instanceof DatabaseError ? cause : new DatabaseGone(cause)
  }
}

/** What was asked may or may not have happened, when it was a commit; everything else did not. */
class DatabaseGone extends Error {
  constructor(cause: unknown) {
    super('PostgreSQL did not answer; the connection is given up', { cause })
  }
}

/** Ends what the failed work left behind. True when the connection may be used again. */
async function isSound(client: PoolClient, cause: unknown): Promise<boolean> {
  if (cause instanceof DatabaseGone || codeOf(cause) === '0A000') return false
  return client.query('rollback').then(
    () => true,
    () => false,
  )
}

/** PostgreSQL's code, however deep the work has wrapped it. */
function codeOf(cause: unknown): string {
  if (cause instanceof DatabaseError) return cause.code ?? ''
  return cause instanceof Error && cause.cause !== undefined ? codeOf(cause.cause) : ''
}
