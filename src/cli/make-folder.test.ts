import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

test('folders are made as deep as they are named, and one that is there is left as it is', () => {
  const top = mkdtempSync(join(tmpdir(), `sallyport-folder-${process.pid}-`))
  try {
    const deep = join(top, 'a', 'b', 'c')
    expect([makeFolder(deep, { mode: 0o700 }), makeFolder(deep), makeFolder(top)]).toEqual([true, false, false])
    expect([deep, join(top, 'a')].map((place) => statSync(place).mode & 0o777)).toEqual([0o700, 0o700])
    const file = join(top, 'file')
    writeFileSync(file, '')
    symlinkSync(join(top, 'nowhere'), join(top, 'link'))
    expect(() => makeFolder(file)).toThrow('EEXIST')
    expect(() => makeFolder(join(file, 'below'))).toThrow('ENOTDIR')
    expect(() => makeFolder(join(top, 'link'))).toThrow('EEXIST')
  } finally {
    rmSync(top, { recursive: true })
  }
})

test.runIf(process.platform === 'linux')(
  'where nobody can make a folder, that is said instead of trying for ever',
  () => {
    const source = JSON.stringify(join(import.meta.dirname, 'make-folder.ts'))
    const script = `import { makeFolder } from ${source}; try { makeFolder('/proc/none/of/ours') } catch (e) { console.log(e.code) }`
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 20_000,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    })
    expect([stdout.trim(), signal]).toEqual(['ENOENT', null])
  },
)
