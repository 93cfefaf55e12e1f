/**
 * Node.js 22 says at every use of its SQLite that it is experimental. It was chosen knowingly (ADR 0003), and whoever reads
 * a command's error output can do nothing about it. Every other warning is said.
 */
const KNOWN = 'SQLite is an experimental feature'

export function keepKnownWarningsQuiet(process: { emitWarning: (warning: string | Error) => void }): void {
  const say = process.emitWarning
  process.emitWarning = (...said) => {
    if (!String(said[0]).startsWith(KNOWN)) Reflect.apply(say, process, said)
  }
}
