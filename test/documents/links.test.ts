import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPages, ROOT, type Page } from './pages.ts'

const pages = readPages()
const headings = new Map(pages.map(({ path, prose }) => [path, anchorsOf(prose)]))

/** As GitHub names a heading in an address. */
function anchorsOf(prose: string): Set<string> {
  const anchors = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(anchors)
}

function deadLinks({ path, prose }: Page): string[] {
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^https?:/.test(target) && !leadsSomewhere(path, target))
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : normalize(join(dirname(from), file))
  return existsSync(join(ROOT, path)) && (anchor === undefined || (headings.get(path)?.has(anchor) ?? false))
}

/** Files of ours that a page names in passing, such as `src/domain/posture.ts`. */
function missingFiles({ prose }: Page): string[] {
  const named = [...prose.matchAll(/`((?:src|test|script|bench|deploy|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  return named.filter((path) => !existsSync(join(ROOT, path)))
}

describe('what a document points to', () => {
  it('is there: links with their headings', () => {
    expect(pages.length).toBeGreaterThan(50)
    expect(pages.flatMap((page) => deadLinks(page).map((target) => `${page.path}: ${target}`))).toEqual([])
  })

  it('is there: files that are named', () => {
    // A record tells of the day on which it was written.
    const lasting = pages.filter(({ path }) => !path.startsWith('docs/adr/'))
    expect(lasting.flatMap((page) => missingFiles(page).map((file) => `${page.path}: ${file}`))).toEqual([])
  })

  it('is there: addresses of the HTTP interface', () => {
    const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/reference/openapi.json'), 'utf8')) as { paths: object } // ours
    const known = Object.keys(paths).map((path) => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`, 'i'))
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\/(?:api\/v1|auth)\/[\w/{}:-]*\w\}?/g)].map(([address]) => ({ path, address })),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(({ address }) => !known.some((one) => one.test(address)))).toEqual([])
  })

  it('is there: scripts of npm', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object } // ours
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => ({ path, name })),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(({ name }) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})
