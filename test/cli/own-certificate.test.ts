/** On the server's own machine the command line works whatever certificate the server was given, and believes no other. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { serveHere, type ServedHere } from '../support/serve-here.ts'
import { type, type Typed } from './type.ts'

let server: ServedHere
const at = (name: string): string => join(server.folder, name)

/** Signed by nobody that the machine knows. */
async function put(name: string, names: string): Promise<{ tlsCert: string; tlsKey: string }> {
  const { cert, key } = makeCertificate('sallyport', names)
  await writeFile(at(`${name}.crt`), cert)
  await writeFile(at(`${name}.key`), key)
  return { tlsCert: at(`${name}.crt`), tlsKey: at(`${name}.key`) }
}

/** By an authority that keeps itself apart. */
async function putSigned(names: string): Promise<{ tlsCert: string; tlsKey: string }> {
  const { cert, key } = makeCertificate('an authority')
  await writeFile(at('ca.crt'), cert)
  await writeFile(at('ca.key'), key)
  const signer = ['-x509', '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-days', '9']
  const asked = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=sallyport', '-addext', `subjectAltName=${names}`]
  const constraint = ['-addext', 'basicConstraints=CA:false']
  const files = ['-keyout', at('signed.key'), '-out', at('signed.crt')]
  execFileSync('openssl', ['req', ...signer, ...asked, ...constraint, ...files], { stdio: 'ignore' })
  return { tlsCert: at('signed.crt'), tlsKey: at('signed.key') }
}

function here(ready: object, ...line: string[]): Promise<Typed> {
  const file = at(`ready-${crypto.randomUUID()}.json`)
  return writeFile(file, JSON.stringify(ready)).then(() =>
    type(undefined, line, { env: { SALLYPORT_READY_FILE: file } }),
  )
}

const ready = (): Record<string, string> => JSON.parse(readFileSync(at('ready.json'), 'utf8'))

beforeAll(async () => {
  server = await serveHere(() => ({}))
})
afterAll(() => server.stop())

describe('as root on the machine of a server with a certificate of one’s own, `machine list` works', () => {
  it('signed by an authority that the machine does not know, and without it in the file', async () => {
    await server.restart({ ...(await putSigned('DNS:jit.example.org')), readyFile: at('ready.json') })
    for (const command of ['machine list', 'doctor', 'whoami']) {
      const { exit, stderr } = await here(ready(), ...command.split(' '))
      expect([command, exit, stderr]).toEqual([command, 0, expect.not.stringContaining('certificate')])
    }
  })

  it.each([
    ['for a name that leads nowhere', 'DNS:jit.example.org'],
    ['for every name of a domain', 'DNS:*.example.org'],
    ['for an address elsewhere', 'IP:192.0.2.7'],
    ['for this very address', 'IP:127.0.0.1'],
  ])('%s', async (_, names) => {
    await server.restart({ ...(await put('own', names)), readyFile: at('ready.json') })
    const { exit, stderr } = await here(ready(), 'machine', 'list')
    expect([exit, stderr]).toEqual([0, expect.not.stringContaining('certificate')])
  })
})

describe('what else answers there is not believed:', () => {
  beforeAll(async () => {
    await server.restart({ ...(await put('own', 'DNS:jit.example.org')), readyFile: at('ready.json') })
  })

  it('another certificate for the same name', async () => {
    const { tlsCert: certFile } = await put('another', 'DNS:jit.example.org')
    const { exit, stderr } = await here({ ...ready(), certFile }, 'machine', 'list')
    expect([exit, stderr]).toEqual([1, expect.stringContaining('an authority that this machine does not know')])
  })

  it('the right certificate, for another name than it should be', async () => {
    const { exit, stderr } = await here({ ...ready(), certName: 'other.example.org' }, 'machine', 'list')
    expect([exit, stderr]).toEqual([1, expect.stringContaining('is for another name')])
  })
})

it('and the call for curl goes to this machine, under the name of the certificate', async () => {
  const { stdout } = await here(ready(), 'machine', 'list', '--curl')
  expect(stdout).toContain(`'https://jit.example.org:${server.port}/api/v1/machines`)
  expect(stdout).toContain(`--connect-to 'jit.example.org:${server.port}:127.0.0.1:${server.port}'`)
})
