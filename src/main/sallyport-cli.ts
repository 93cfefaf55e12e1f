/**
 * The entry point of the command line alone, for machines that only ask: one file without packages beside it, without the
 * server and without native modules. `script/build.ts` puts the program itself into the last line, a comment, because a
 * comment costs next to nothing to read past, and a program or a string does.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import type { clientLine } from './client-line.ts'
import { compiled } from './compiled.ts'
import { start } from './start.ts'

/** Of the program's text: what tells its compiled code from another's. */
declare const PROGRAM_HASH: string

type Wrapped = (module: { exports: unknown }, require: (name: string) => unknown) => void

const { version } = packageJson

async function load({ cache }: { readonly cache: string | undefined }): Promise<ReturnType<typeof clientLine>> {
  const module: { exports: unknown } = { exports: undefined }
  const file = cache === undefined ? undefined : join(cache, `sallyport-cli-${PROGRAM_HASH}-${process.version}`)
  const script = compiled(`(function (module, require) {${programIn(readFileSync(__filename, 'latin1'))}\n})`, {
    name: 'sallyport-cli',
    file,
  })
  const run = script.runInThisContext() as Wrapped // as it is written in the line above
  run(module, (name) => process.getBuiltinModule(name))
  return (module.exports as { clientLine: typeof clientLine }).clientLine(version) // what that module exports
}

/** `client-line.ts` with all that it needs but Node.js itself, as a CommonJS module: JSON behind the last line's slashes. */
function programIn(file: string): string {
  return JSON.parse(file.slice(file.lastIndexOf('\n//') + '\n//'.length)) as string // as script/build.ts writes it
}

void start(version, load)
