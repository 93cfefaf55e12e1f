/** The entry point: the command line, with the server's own commands beside the client's. */
import packageJson from '../../package.json' with { type: 'json' }
import { bringClient } from './program/bring-client.ts'
import { start } from './program/start.ts'

const { version } = packageJson

void start(version, async ({ args, cache }) => {
  if (args.some((word) => word === 'server' || word === 'config'))
    return (await import('./program/server-line.ts')).serverLine(version)
  const clientLine = await bringClient(cache)
  return clientLine(version, async (folder) => (await import('./trail/verify-folder.ts')).verifyFolder(folder))
})
