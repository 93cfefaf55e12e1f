/**
 * A whole server with its own issuer over TLS, for the command line to sign in to: its people, a browser without a screen
 * that signs them in, and a folder in which a person keeps their contexts.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outside } from '../../src/cli/outside.ts'
import { loadConfig } from '../../src/main/config/config.ts'
import { serve } from '../../src/main/serve.ts'
import { openBrowser } from '../issuer/browser.ts'
import { ask } from '../issuer/running-issuer.ts'
import { makeCertificate } from '../support/certificate.ts'
import { ALONE, type, type Circumstances, type Typed } from './type.ts'
import { freePort } from '../support/free-port.ts'

export const PASSWORD = 'a long enough phrase'

export interface SignInServer {
  readonly url: string
  readonly folder: string
  /** The file of the authority that signed its certificate. */
  readonly caFile: string
  /** The options that make a command the administrator's. */
  readonly asAdministrator: string
  /** As the person whose contexts are in `home`. */
  typed(line: string, around?: Circumstances): Promise<Typed>
  /** Makes a user who has chosen a password. */
  addUser(name: string): Promise<void>
  /** A browser that opens an address as this user, and what it was told in the end. */
  browserOf(name: string): Outside
  /** Confirms a device code as this user. */
  confirmDevice(name: string, userCode: string): Promise<void>
  stop(): Promise<void>
}

/** `more` is what a configuration file would say besides, `machines` a simulated fleet. */
export async function startSignInServer(more: object = {}, machines: readonly object[] = []): Promise<SignInServer> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-cli-sign-in-${process.pid}-`))
  const port = await freePort()
  const url = `https://localhost:${port}`
  const { cert, key } = makeCertificate()
  await writeFile(join(folder, 'cert.pem'), cert)
  await writeFile(join(folder, 'key.pem'), key)
  await writeFile(join(folder, 'fleet.json'), JSON.stringify(machines))
  const flags = {
    data: join(folder, 'data'),
    listen: `127.0.0.1:${port}`,
    publicUrl: url,
    fleet: join(folder, 'fleet.json'),
    tlsCert: join(folder, 'cert.pem'),
    tlsKey: join(folder, 'key.pem'),
    logLevel: 'error',
  }
  const file = join(folder, 'sallyport.yaml')
  await writeFile(file, JSON.stringify(more))
  const loaded = await loadConfig({ flags, env: {}, file })
  if (!loaded.ok) throw new Error(loaded.refusals.map(({ message }) => message).join('; '))
  const serving = await serve(loaded.value, '0.0.0-test')
  const adminTokenFile = join(folder, 'data', 'admin-token')
  const browser = (): ReturnType<typeof openBrowser> =>
    openBrowser({ url, ask: (path, asking = {}) => ask(new URL(path, url), { ...asking, ca: cert }) })
  const asAdministrator = `--token-file ${adminTokenFile} --ca-file ${join(folder, 'cert.pem')}`
  const typed: SignInServer['typed'] = (line, around = {}) => {
    const env = { SALLYPORT_CONFIG_DIR: join(folder, 'home'), ...around.env }
    return type(undefined, line.split(' '), { ...around, env })
  }
  return {
    url,
    asAdministrator,
    folder,
    caFile: join(folder, 'cert.pem'),
    typed,
    addUser: async (name) => {
      const made = await typed(`user create ${name} -o json --server ${url} ${asAdministrator}`)
      const pages = browser()
      await pages.open('/oauth2/password')
      await pages.submit({ name, password: made.json.password, new: PASSWORD, again: PASSWORD })
    },
    browserOf: (name) => ({
      ...ALONE,
      platform: 'darwin',
      launch: async (_, [address = '']) => {
        void signIn(browser(), { name, address })
        return true
      },
    }),
    confirmDevice: async (name, user_code) => {
      const pages = browser()
      await pages.open('/oauth2/device')
      await pages.submit({ user_code })
      await pages.submit({ confirm: 'yes' })
      await pages.submit({ act: 'sign-in', name, password: PASSWORD })
    },
    stop: async () => {
      await serving.stop()
      await rm(folder, { recursive: true })
    },
  }
}

interface Visitor {
  readonly name: string
  readonly address: string
}

async function signIn(pages: ReturnType<typeof openBrowser>, { name, address }: Visitor): Promise<void> {
  await pages.open(address)
  const { location } = await pages.submit({ act: 'sign-in', name, password: PASSWORD })
  if (location.startsWith('http://127.0.0.1:')) await fetch(location)
}
