/** What a browser loads before it shows the overview: the document, and every file that it and the page's chunk lead to. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Gzip bytes by file. `page`: how the name of the page's own chunk begins. */
export async function initialLoad(folder: string, page: string): Promise<ReadonlyMap<string, number>> {
  const document = await readFile(join(folder, 'index.html'), 'utf8')
  const chunk = (await readdir(join(folder, 'assets'))).find(
    (name) => name.startsWith(`${page}-`) && name.endsWith('.js'),
  )
  if (chunk === undefined) throw new Error(`there is no chunk of the page '${page}' in ${folder}/assets`)
  const sizes = new Map([['index.html', gzipSync(document).length]])
  const waiting = [...namesIn(document), chunk]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (sizes.has(name)) continue
    const content = await readFile(join(folder, 'assets', name))
    sizes.set(name, gzipSync(content, { level: 9 }).length)
    if (name.endsWith('.js')) waiting.push(...importsOf(content.toString()))
  }
  // The page's own styles are named only where the page is.
  for (const name of await readdir(join(folder, 'assets')))
    if (name.startsWith(`${page}-`) && name.endsWith('.css'))
      sizes.set(name, gzipSync(await readFile(join(folder, 'assets', name))).length)
  return sizes
}

function namesIn(document: string): string[] {
  return [...document.matchAll(/\/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name = '']) => name)
}

/** Static ones only: `import('./x.js')` is loaded when it is wanted. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)].map(([, name = '']) => name)
}
