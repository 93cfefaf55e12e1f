/** The texts of `-f`: a file, standard input, or every YAML and JSON file below a folder, in the order of their names. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decodedText } from '../decoded-text.ts'
import { usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import type { SourceFile } from './understand.ts'
import { systemReason } from '../system-reason.ts'

const POLICY_FILE = /\.(?:ya?ml|json)$/i

export async function sourceFiles(paths: readonly string[], io: Pick<Io, 'stdin'>): Promise<SourceFile[]> {
  const files = await Promise.all(paths.map((path) => filesAt(path, io)))
  return files.flat()
}

async function filesAt(path: string, io: Pick<Io, 'stdin'>): Promise<SourceFile[]> {
  if (path === '-') return [{ file: 'standard input', text: await io.stdin.readAll() }]
  try {
    if (!(await stat(path)).isDirectory()) return [await fileAt(path)]
    const names = await readdir(path, { recursive: true })
    const files = names.filter((name) => POLICY_FILE.test(name) && !isHidden(name)).toSorted()
    if (files.length === 0) throw usageFailure(`there is no .yaml, .yml or .json file in ${path}`)
    return await Promise.all(files.map((name) => fileAt(join(path, name))))
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause
    const place = 'path' in cause && typeof cause.path === 'string' ? cause.path : path
    throw usageFailure(`${place} cannot be read (${systemReason(cause)})`)
  }
}

/** What editors and version control keep beside the files is not meant. */
function isHidden(name: string): boolean {
  return /(?:^|[\\/])\./.test(name)
}

async function fileAt(file: string): Promise<SourceFile> {
  return { file, text: decodedText(await readFile(file)) }
}
