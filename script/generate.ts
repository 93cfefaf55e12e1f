/**
 * Writes every generated file (`generated-files.ts`), formatted like the rest of the repository.
 * `--check` writes nothing and fails, naming each file that is missing or differs from what its sources say now.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { format, getFileInfo, resolveConfig } from 'prettier'
import { type GeneratedFile, generatedFiles } from './generated-files.ts'

const root = join(import.meta.dirname, '..')

async function generate(file: GeneratedFile): Promise<void> {
  const place = join(root, file.path)
  await mkdir(dirname(place), { recursive: true })
  await writeFile(place, await textOf(file))
  console.log(`wrote ${file.path}`)
}

/** Undefined when the committed file is what the sources say. */
async function staleness(file: GeneratedFile): Promise<string | undefined> {
  const [expected, found] = await Promise.all([textOf(file), readIfThere(join(root, file.path))])
  if (found === expected) return undefined
  return `${file.path} ${found === undefined ? 'is missing' : 'is stale'}`
}

async function textOf(file: GeneratedFile): Promise<string> {
  const place = join(root, file.path)
  const text = await file.make()
  const { inferredParser } = await getFileInfo(place)
  if (inferredParser === null) return text
  return format(text, { ...(await resolveConfig(place)), filepath: place })
}

async function readIfThere(place: string): Promise<string | undefined> {
  try {
    return await readFile(place, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function check(): Promise<void> {
  const stale = (await Promise.all(generatedFiles.map(staleness))).filter((line) => line !== undefined)
  for (const line of stale) console.error(line)
  if (stale.length > 0) {
    console.error('Run "npm run generate" and commit what it writes.')
    process.exitCode = 1
  } else console.log(`generated files: ${generatedFiles.length} current`)
}

if (process.argv.includes('--check')) await check()
else for (const file of generatedFiles) await generate(file)
