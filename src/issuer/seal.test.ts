import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSealer } from './seal.ts'

describe('what is sealed', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `sallyport-seal-${process.pid}-`))
    file = join(folder, 'issuer.key')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('opens after a restart, with the key that only this user may read', async () => {
    const sealed = (await openSealer(file)).seal('geheim €', 'key:1')
    expect(sealed).not.toContain('geheim')
    expect((await openSealer(file)).open(sealed, 'key:1')).toBe('geheim €')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('does not open as something else, with another key, or when it was changed', async () => {
    const sealer = await openSealer(file)
    const sealed = sealer.seal('secret', 'key:1')
    expect(() => sealer.open(sealed, 'key:2')).toThrow('does not open')
    expect(() => sealer.open(`A${sealed.slice(1)}`, 'key:1')).toThrow('does not open')
    expect(() => sealer.open('', 'key:1')).toThrow('does not open')
    const other = await openSealer(join(folder, 'other.key'))
    expect(() => other.open(sealed, 'key:1')).toThrow('does not open')
  })

  it('waits for the administrator when others may read the key', async () => {
    await openSealer(file)
    chmodSync(file, 0o644)
    await expect(openSealer(file)).rejects.toThrow('chmod 600')
  })
})
