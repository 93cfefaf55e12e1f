/**
 * A throw-away PostgreSQL for tests, from the installed Debian package: its own folder, a socket in it, no port. It is
 * durable like a real one, because tests crash it. PostgreSQL refuses to run as root; then it runs as `postgres`, or as
 * `nobody`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

export interface ThrowawayPostgres {
  /** A new, empty database; its url. */
  createDatabase(): Promise<string>
  /** Ends every process of it at once, as a crash would, and starts it again. */
  crashAndRestart(): Promise<void>
  stop(): Promise<void>
}

const PROGRAMS = '/usr/lib/postgresql'

export async function startPostgres(): Promise<ThrowawayPostgres> {
  const bin = newestPrograms()
  const user = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), `sallyport-pg-${process.pid}-`))
  chmodSync(folder, 0o700)
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'sallyport', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
    {
      ...user,
      cwd: folder,
      stdio: 'ignore',
    },
  )
  const start = (): Promise<ChildProcess> => startServer(join(bin, 'postgres'), { data, folder, ...user })
  let server = await start()
  let databases = 0
  const urlOf = (database: string): string =>
    `postgres://sallyport@localhost/${database}?host=${encodeURIComponent(folder)}`
  return {
    createDatabase: async () => {
      const name = `test${++databases}`
      await runAlone(urlOf('postgres'), `create database ${name}`)
      return urlOf(name)
    },
    crashAndRestart: async () => {
      await crash(server)
      server = await start()
    },
    stop: async () => {
      await shutDown(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function newestPrograms(): string {
  const versions = existsSync(PROGRAMS) ? readdirSync(PROGRAMS).sort((a, b) => Number(b) - Number(a)) : []
  const [newest] = versions
  if (newest !== undefined) return join(PROGRAMS, newest, 'bin')
  throw new Error(`no PostgreSQL under ${PROGRAMS}; install it with: apt-get install postgresql`)
}

function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  return identityOf('postgres') ?? identityOf('nobody')
}

function identityOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const number = (flag: string): number =>
      Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }))
    return { uid: number('-u'), gid: number('-g') }
  } catch {
    return undefined
  }
}

interface ServerPlace {
  readonly data: string
  readonly folder: string
  readonly uid?: number
  readonly gid?: number
}

/** Resolves when it says that it is ready. */
async function startServer(program: string, { data, folder, ...user }: ServerPlace): Promise<ChildProcess> {
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=150']
  const server = spawn(program, ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => server.kill('SIGQUIT'))
  await new Promise<void>((resolve, reject) => {
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)))
  })
  return server
}

async function shutDown(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGINT')
  await exit
}

/** Every process of it, each by its id: PostgreSQL gives each child a session of its own. The parent first, or it mends. */
async function crash(server: ChildProcess): Promise<void> {
  if (server.pid === undefined) return
  const exit = once(server, 'exit')
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ').map(Number)
  server.kill('SIGKILL')
  await exit
  for (const child of children) killIfThere(child)
  while (children.some(isAlive)) await delay(2)
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return // it noticed by itself that its parent is gone
  }
}

/** A zombie holds no memory any more. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** One statement over a connection of its own, as somebody with a shell there. */
export async function runAlone(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
