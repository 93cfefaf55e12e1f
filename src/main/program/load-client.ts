/**
 * The bundled command line from its text, compiled once for as long as neither it nor Node.js changes: what its module
 * exports is `client-line.ts`.
 */
import { join } from 'node:path'
import type { clientLine } from './client-line.ts'
import { compiled } from './compiled.ts'

/** Of the program's text: what tells its compiled code from another's. Put in by `script/build.ts`. */
declare const PROGRAM_HASH: string

type Wrapped = (module: { exports: unknown }, require: (name: string) => unknown) => void

/** `text` is a CommonJS module that requires nothing but Node.js itself; without `cache` it is compiled at every start. */
export function loadClient(text: string, cache: string | undefined): typeof clientLine {
  const module: { exports: unknown } = { exports: undefined }
  const file = cache === undefined ? undefined : join(cache, `sallyport-cli-${PROGRAM_HASH}-${process.version}`)
  const script = compiled(`(function (module, require) {${text}\n})`, { name: 'sallyport-cli', file })
  const run = script.runInThisContext() as Wrapped // as it is written in the line above
  run(module, (name) => process.getBuiltinModule(name))
  return (module.exports as { clientLine: typeof clientLine }).clientLine // what that module exports
}
