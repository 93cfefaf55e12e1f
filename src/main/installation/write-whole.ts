/** Writes a file for its owner's eyes that nobody ever reads half of: it appears by rename, after it is on disk. */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../cli/make-folder.ts'

export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  makeFolder(dirname(path))
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
