/** The whole server in this process, as the command line starts it, on a port of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/main/config/config.ts'
import { serve, type Serving } from '../../src/main/serve.ts'
import { freePort } from './free-port.ts'

export interface ServedHere {
  readonly folder: string
  readonly port: number
  readonly adminToken: string
  /** As a stop and a start; with these options besides. */
  restart(options?: object): Promise<void>
  stop(): Promise<void>
}

/** `options` as the configuration file has them; of the port. */
export async function serveHere(options: (port: number) => object): Promise<ServedHere> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-here-${process.pid}-`))
  const port = await freePort()
  await writeFile(join(folder, 'fleet.json'), '[]')
  const common = {
    data: join(folder, 'data'),
    listen: `127.0.0.1:${port}`,
    fleet: join(folder, 'fleet.json'),
    logLevel: 'error',
  }
  const start = async (more: object): Promise<Serving> => {
    const file = join(folder, 'sallyport.yaml')
    await writeFile(file, JSON.stringify({ ...common, ...options(port), ...more }))
    const loaded = await loadConfig({ flags: {}, env: {}, file })
    if (!loaded.ok) throw new Error(loaded.refusals.map(({ message }) => message).join('; '))
    return serve(loaded.value, '0.0.0-test')
  }
  let serving = await start({})
  return {
    folder,
    port,
    adminToken: (await readFile(join(folder, 'data', 'admin-token'), 'utf8')).trim(),
    restart: async (more = {}) => {
      await serving.stop()
      serving = await start(more)
    },
    stop: async () => {
      await serving.stop()
      await rm(folder, { recursive: true })
    },
  }
}
