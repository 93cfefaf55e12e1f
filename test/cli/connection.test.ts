import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
let folder: string
/** Without the environment that usually names the server. */
const bare = (line: string, around?: Circumstances): Promise<Typed> => type(undefined, line.split(' '), around)

beforeEach(async () => {
  server = await startServer()
  folder = await mkdtemp(join(tmpdir(), `sallyport-cli-${process.pid}-`))
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('finding the server', () => {
  test('a ready file tells everything', async () => {
    const adminTokenFile = await file('token', `${TOKEN}\n`)
    const ready = await file('ready.json', JSON.stringify({ url: server.url, adminTokenFile }))
    expect((await bare(`machine list --ready-file ${ready}`)).exit).toBe(0)
    expect((await bare('machine list', { env: { SALLYPORT_READY_FILE: ready } })).exit).toBe(0)
  })

  test('a flag wins over the environment', async () => {
    const token = await file('token', TOKEN)
    const env = { SALLYPORT_SERVER: 'http://127.0.0.1:1', SALLYPORT_TOKEN: 'wrong' }
    expect((await bare(`machine list --server ${server.url} --token-file ${token}`, { env })).exit).toBe(0)
  })

  test('the ready file’s token is never sent to another server', async () => {
    const adminTokenFile = await file('token', 'local-secret')
    const ready = await file('ready.json', JSON.stringify({ url: 'http://127.0.0.1:1', adminTokenFile }))
    const { exit, stderr } = await bare(`machine list --server ${server.url} --ready-file ${ready}`)
    expect([exit, stderr]).toEqual([7, expect.stringContaining('no token is known for this server')])
  })

  test('no server, no token, an unreadable or strange token file: each exits with 7 and says what to do', async () => {
    const lines: Record<string, string> = {
      'machine list': 'no server is known',
      [`machine list --server ${server.url}`]: 'you are not signed in',
      [`machine list --server ${server.url} --token-file ${folder}/nothing`]: 'it does not exist',
      [`machine list --server ${server.url} --token-file ${await file('two', 'a\nb')}`]: 'holds no token',
      [`machine list --ready-file ${folder}/nothing`]: 'cannot be read',
    }
    for (const [line, why] of Object.entries(lines)) {
      const { exit, stderr } = await bare(line)
      expect([exit, stderr]).toEqual([7, expect.stringContaining(why)])
    }
  })

  test('a token that the server does not know exits with 7', async () => {
    const { exit, stderr } = await bare('machine list', {
      env: { SALLYPORT_SERVER: server.url, SALLYPORT_TOKEN: 'wrong' },
    })
    expect([exit, stderr]).toEqual([7, expect.stringContaining('SALLYPORT_TOKEN_FILE')])
  })

  test('what is no server or no ready file is a usage error', async () => {
    const strange = await file('ready.json', '[]')
    const lines = ['--server example.org', '--server ftp://example.org', `--ready-file ${strange}`]
    for (const options of lines) expect((await bare(`machine list ${options}`)).exit).toBe(2)
  })

  test.skipIf(process.getuid?.() === 0)('a token file of another user says so', async () => {
    const token = await file('token', TOKEN)
    await chmod(token, 0)
    const { stderr } = await bare(`machine list --server ${server.url} --token-file ${token}`)
    expect(stderr).toContain('permission denied')
  })
})

describe('a server that is not as expected', () => {
  let strange: Server

  async function answering(listener: RequestListener, line = ['machine', 'list']): Promise<Typed> {
    strange = createServer(listener)
    await new Promise<void>((resolve) => strange.listen(0, '127.0.0.1', resolve))
    const { port } = strange.address() as AddressInfo // it listens on TCP
    try {
      return await type(`http://127.0.0.1:${port}`, line)
    } finally {
      strange.closeAllConnections()
      strange.close()
    }
  }

  test('one that is not there gives one clear line and exits with 1', async () => {
    const { exit, stderr } = await type('http://127.0.0.1:1', ['machine', 'list'])
    expect(exit).toBe(1)
    expect(stderr.split('\n')[0]).toMatch(/^error: the server http:\/\/127\.0\.0\.1:1 does not answer/)
    expect(stderr).not.toContain('    at ')
  })

  test('another program’s page, another program’s JSON and an empty answer are told from Sallyport', async () => {
    const bodies: readonly (readonly [string, string])[] = [
      ['text/html', '<h1>hello</h1>'],
      ['application/json', '{"hello":"world"}'],
      ['application/json', '{"value":[{"hello":"world"}]}'],
      ['text/plain', ''],
    ]
    for (const [contentType, body] of bodies) {
      const { exit, stderr } = await answering((_, reply) => reply.setHeader('content-type', contentType).end(body))
      expect([exit, stderr]).toEqual([1, expect.stringContaining('does not answer like Sallyport')])
    }
  })

  test('a redirect is not followed, because the token would go along', async () => {
    const seen: string[] = []
    const { exit, stderr } = await answering((request, reply) => {
      seen.push(request.url ?? '')
      reply.writeHead(301, { location: '/elsewhere' }).end()
    })
    expect([exit, seen.length, stderr]).toEqual([1, 1, expect.stringContaining('/elsewhere')])
  })

  test('half an export is no file: what was there stays as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), `sallyport-export-${process.pid}-`))
    const file = join(folder, 'audit.csv')
    await writeFile(file, 'last month')
    const { exit, stderr } = await answering(
      (_, reply) => {
        reply.writeHead(200, { 'content-length': '1000' }).write('seq,at\n')
        setImmediate(() => reply.destroy())
      },
      ['audit', 'export', '--file', file],
    )
    expect([exit, stderr]).toEqual([1, expect.stringContaining('does not answer')])
    expect([await readdir(folder), await readFile(file, 'utf8')]).toEqual([['audit.csv'], 'last month'])
    await rm(folder, { recursive: true })
    const nowhere = await answering((_, reply) => reply.end('seq,at\n'), ['audit', 'export', '--file', file])
    expect([nowhere.exit, nowhere.stderr]).toEqual([2, expect.stringContaining(`${file} cannot be written`)])
  })

  test('a list that continues on another server is not followed', async () => {
    const { exit, stderr } = await answering(
      (_, reply) =>
        reply.setHeader('content-type', 'application/json').end('{"value":[],"nextLink":"http://192.0.2.1/next"}'),
      ['request', 'list'],
    )
    expect([exit, stderr]).toEqual([1, expect.stringContaining('not trusted')])
  })

  test('an answer that breaks off gives one clear line', async () => {
    const { exit, stderr } = await answering((_, reply) => {
      reply.writeHead(200, { 'content-length': '100' }).write('{"value"')
      setImmediate(() => reply.destroy())
    })
    expect([exit, stderr]).toEqual([1, expect.stringContaining('does not answer')])
  })

  test('a failing server exits with 1, a forbidding one with 4, and both say why', async () => {
    const error = (status: number): Promise<Typed> =>
      answering((_, reply) => reply.writeHead(status).end('{"error":{"code":"X","message":"because"}}'))
    const answers = [await error(500), await error(503), await error(403)]
    expect(answers.map(({ exit }) => exit)).toEqual([1, 1, 4])
    for (const { stderr } of answers) expect(stderr).toContain('error: because')
  })
})

describe('doctor', () => {
  test('it shows this machine’s checks and the server’s, and who you are', async () => {
    const { json } = await type(server.url, ['doctor', '-o', 'json'])
    expect(json).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ where: 'here', name: 'node', status: 'ok' }),
        expect.objectContaining({ where: 'server', name: 'server', text: expect.stringContaining('ada@example.org') }),
        { where: 'server', name: 'kernel', status: 'ok', text: 'fine' },
      ]),
    )
  })

  test('without a server it still says what it can, how to mend it, and exits with 1', async () => {
    const { exit, stdout } = await type('http://127.0.0.1:1', ['doctor'])
    expect([exit, stdout]).toEqual([1, expect.stringMatching(/server +failed .*does not answer/)])
  })
})

describe('help', () => {
  test('every command has examples, and the program lists the exit codes', async () => {
    expect((await bare('--help')).stdout).toContain('not signed in')
    const commands = ['machine list', 'machine show', 'audit list', 'doctor', 'request close', 'request create']
    const more = [
      'request list',
      'request show',
      'policy list',
      'policy show',
      'policy set',
      'policy plan',
      'policy remove',
    ]
    for (const command of [...commands, ...more]) {
      const { exit, stdout } = await bare(`${command} --help`)
      expect([exit, stdout]).toEqual([0, expect.stringContaining('Examples:')])
      expect((await bare(`help ${command}`)).stdout).toBe(stdout)
    }
  })

  test('a typo exits with 2 and suggests what was meant', async () => {
    const typos: Record<string, string> = {
      'machin list': 'machine',
      'request clos --machine x': 'close',
      'machine list --utcc': '--utc',
    }
    for (const [line, meant] of Object.entries(typos)) {
      const { exit, stderr } = await bare(line)
      expect([exit, stderr]).toEqual([2, expect.stringContaining(`Did you mean ${meant}?`)])
    }
  })

  test('a noun without a verb shows its verbs and exits with 2', async () => {
    const { exit, stderr } = await bare('request')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('create')])
  })

  test('--version is the version alone', async () => {
    expect(await bare('--version')).toMatchObject({ exit: 0, stdout: '0.0.0-test\n', stderr: '' })
  })
})
