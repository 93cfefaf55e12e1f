/**
 * Compiles a program and keeps what the compiler made of it, so that the next start need not compile. A kept file that is
 * missing, damaged or of another Node.js costs that time again and nothing more.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Script } from 'node:vm'

/** `name` is what a stack trace says; `file` is for this text and this Node.js alone; without one nothing is kept. */
export function compiled(
  text: string,
  { name, file }: { readonly name: string; readonly file: string | undefined },
): Script {
  const cachedData = file === undefined ? undefined : kept(file)
  const script = new Script(text, { filename: name, ...(cachedData === undefined ? {} : { cachedData }) })
  if (file !== undefined && (cachedData === undefined || script.cachedDataRejected === true))
    process.once('exit', () => keep(file, script))
  return script
}

function kept(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/** At the end, when the compiler knows all that this start needed. */
function keep(file: string, script: Script): void {
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, script.createCachedData(), { mode: 0o600 })
    renameSync(draft, file)
  } catch {
    // a home that cannot be written to: every start compiles
  }
}
