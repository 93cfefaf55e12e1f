/** The entry point: the command line, with the server's own commands beside the client's. */
import packageJson from '../../package.json' with { type: 'json' }
import { start } from './start.ts'

const { version } = packageJson
await start(version, async ({ args }) => {
  if (args.some((word) => word === 'server' || word === 'config'))
    return (await import('./server-line.ts')).serverLine(version)
  const { clientLine } = await import('./client-line.ts')
  return clientLine(version, async (folder) => (await import('./verify-folder.ts')).verifyFolder(folder))
})
