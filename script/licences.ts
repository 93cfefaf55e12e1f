/** The licences of what a program was bundled from. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Of every package that is inside: who hands the file on hands these on too. */
export async function licencesOf(root: string, inputs: readonly string[]): Promise<string> {
  const folders = inputs
    .map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
    .filter((folder) => folder !== undefined)
  const texts = [...new Set(folders)].toSorted().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    > // npm's own form
    const [file] = (await readdir(join(root, folder))).filter((one) => /^licen[cs]e/i.test(one))
    if (file === undefined) throw new Error(`expected a licence in ${folder}`)
    return `${name ?? ''} ${version ?? ''}\n\n${await readFile(join(root, folder, file), 'utf8')}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}
