/**
 * A text in a person's editor, until what they wrote is right or they give up. What is wrong is told at the end of the
 * file, so that the lines keep their numbers. A text that is given up with mistakes in it is kept, and where is said.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodedText } from './decoded-text.ts'
import { EXIT } from './exit-codes.ts'
import { describeFailure, Failure, usageFailure } from './failure.ts'
import type { Io } from './io.ts'
import { handTo } from './reach/hand-to.ts'

export interface Editing<T> {
  readonly io: Pick<Io, 'env' | 'outside' | 'stdin' | 'stdout'>
  /** Its ending tells the editor what it is. */
  readonly name: string
  readonly text: string
  /** Throws a {@link Failure} that says what is wrong. */
  readonly judge: (text: string, file: string) => Promise<T>
}

const MARK = '# ---- what is wrong ----'

/** Undefined when nothing was changed. */
export async function editText<T>({ io, name, text, judge }: Editing<T>): Promise<T | undefined> {
  const [editor, ...args] = editorOf(io)
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-edit-'))
  const file = join(folder, name)
  let before = text
  let wrong: Failure | undefined
  for (;;) {
    await writeFile(file, wrong === undefined ? before : `${before}${MARK}\n${commented(wrong)}`, { mode: 0o600 })
    const code = await handTo(io, editor, [...args, file]).catch(async (error: unknown) => {
      if (wrong === undefined) await rm(folder, { recursive: true }) // nobody has written anything in it
      throw error
    })
    const after = decodedText(await readFile(file)).split(MARK, 1)[0] ?? ''
    if (code !== 0) throw kept(file, `the editor ended with ${code}`)
    if (after === before && wrong !== undefined) throw kept(file, 'nothing was mended', wrong)
    const result = after === before ? undefined : await judged(() => judge(after, file))
    if (!(result instanceof Failure)) {
      await rm(folder, { recursive: true })
      return result
    }
    before = after.endsWith('\n') ? after : `${after}\n`
    wrong = result
  }
}

function editorOf(io: Editing<unknown>['io']): [string, ...string[]] {
  const chosen = [io.env['VISUAL'], io.env['EDITOR']].find((one) => one !== undefined && one.trim() !== '')
  const [program, ...args] = wordsOf(chosen ?? '')
  return program === undefined ? [usualEditor(io)] : [program, ...args]
}

/** Without a terminal vi would wait for ever for what nobody can type. */
function usualEditor({ outside, stdin, stdout }: Editing<unknown>['io']): string {
  if (outside.platform === 'win32') return 'notepad'
  if (stdin.isTerminal && stdout.isTerminal) return 'vi'
  throw usageFailure(
    'there is no terminal to edit in, and neither VISUAL nor EDITOR names another editor',
    'sallyport policy set default -f FILE, or sallyport apply -f FILE',
  )
}

/** `"C:\Program Files\Notepad++\notepad++.exe" -multiInst`: quotes keep blanks together, as in a shell. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  )
}

const MENDABLE: ReadonlySet<number> = new Set([EXIT.usage, EXIT.denied, EXIT.notFound])

async function judged<T>(judge: () => Promise<T>): Promise<T | Failure> {
  try {
    return await judge()
  } catch (error) {
    if (error instanceof Failure && MENDABLE.has(error.exit)) return error
    throw error
  }
}

function commented(wrong: Failure): string {
  return describeFailure(wrong)
    .map((line) => `# ${line}\n`)
    .join('')
}

function kept(file: string, why: string, wrong?: Failure): Failure {
  const message = `${why}; nothing was changed. What you wrote is in ${file}`
  return new Failure(wrong?.exit ?? EXIT.interrupted, message, { details: wrong?.details ?? [] })
}
