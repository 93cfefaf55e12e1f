/** A server with many audit events, to be downloaded. Says its address. Usage: node export-child.ts EVENTS */
import { anEvent } from '../store/builders.ts'
import { startServer } from '../conformance/running-server.ts'

const server = await startServer()
const data = JSON.stringify({ port: 22, justification: 'x'.repeat(3_000) })
for (let left = Number(process.argv[2]); left > 0; left -= 1_000)
  await server.app.store.transaction((tx) => tx.append(Array.from({ length: 1_000 }, () => anEvent({ data }))))
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
process.stdout.write(`${server.url}\n`)
