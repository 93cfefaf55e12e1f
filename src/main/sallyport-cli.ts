/**
 * The entry point of the command line alone, for machines that only ask: one file without packages beside it, without the
 * server and without native modules. `script/build.ts` puts the program itself into the last line, a comment, because a
 * comment costs next to nothing to read past, and a program or a string does.
 */
import { readFileSync } from 'node:fs'
import packageJson from '../../package.json' with { type: 'json' }
import { loadClient } from './program/load-client.ts'
import { start } from './program/start.ts'

const { version } = packageJson

/** `client-line.ts` with all that it needs but Node.js itself, as a CommonJS module: JSON behind the last line's slashes. */
function programIn(file: string): string {
  return JSON.parse(file.slice(file.lastIndexOf('\n//') + '\n//'.length)) as string // as script/build.ts writes it
}

void start(version, ({ cache }) => loadClient(programIn(readFileSync(__filename, 'latin1')), cache)(version))
