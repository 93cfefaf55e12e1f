/** The entry point: the command line, with the server's own commands beside the client's. */
import packageJson from '../../package.json' with { type: 'json' }
import { start } from './start.ts'

const { version } = packageJson
await start(version, async () => (await import('./command-line.ts')).commandLine(version))
