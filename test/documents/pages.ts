/** The documents that people read, as the tests look at them: every Markdown file but the changelog, which tells of what was. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export interface Page {
  /** From the root of the repository. */
  readonly path: string
  /** All of it. */
  readonly text: string
  /** What is said outside fenced blocks. */
  readonly prose: string
  readonly blocks: readonly Block[]
}

interface Block {
  readonly language: string
  readonly lines: readonly string[]
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

export function readPages(): Page[] {
  const paths = globSync(['*.md', '{docs,test,deploy}/**/*.md'], { cwd: ROOT }).filter(
    (path) => path !== 'CHANGELOG.md',
  )
  return paths.map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const blocks = [...text.matchAll(FENCE)].map(([, language = '', body = '']) => ({ language, lines: joined(body) }))
    return { path, text, prose: text.replaceAll(FENCE, ''), blocks }
  })
}

/** A line that goes on after a backslash is one. */
function joined(body: string): string[] {
  return body.replaceAll(/\\\n\s*/g, '').split('\n')
}
