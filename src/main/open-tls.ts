/** The certificate to serve with: the one that was given, one made for development, or none. */
import { readFile } from 'node:fs/promises'
import type { App } from '../app/app.ts'
import type { ServerDeps } from '../server/deps.ts'
import type { Config } from './config.ts'
import { openDevTls } from './dev-tls/dev-tls.ts'

type Tls = NonNullable<ServerDeps['tls']>

export async function openTls(
  { tls, tlsCert, tlsKey, data, publicUrl }: Config,
  { clock, log }: Pick<App, 'clock' | 'log'>,
): Promise<Tls | undefined> {
  if (tlsCert !== undefined && tlsKey !== undefined)
    return { cert: await readFile(tlsCert, 'utf8'), key: await readFile(tlsKey, 'utf8') }
  if (tls !== 'dev') return undefined
  const host = publicUrl === undefined ? {} : { publicHost: new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '') }
  const { cert, key, authorityFile, isNew } = await openDevTls({ folder: data, now: clock.now(), ...host })
  log.info(
    { file: authorityFile, isNew, trustIt: instructionsFor(authorityFile) },
    'serving with a development certificate',
  )
  return { cert, key }
}

/** How the usual clients are told; each is one command or variable. */
function instructionsFor(file: string): Record<string, string> {
  return {
    debian: `cp ${file} /usr/local/share/ca-certificates/sallyport-dev-ca.crt && update-ca-certificates`,
    curl: `--cacert ${file}`,
    node: `NODE_EXTRA_CA_CERTS=${file}`,
    azureCli: `REQUESTS_CA_BUNDLE=${file}`,
  }
}
