import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig, OPTIONS, writtenConfig } from './config.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-config-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function aFile(text: string): Promise<string> {
  const path = join(folder, 'sallyport.yaml')
  await writeFile(path, text)
  return path
}

describe('the configuration', () => {
  it('takes a flag before the environment, the environment before the file, the file before the default', async () => {
    const file = await aFile('listen: 127.0.0.1:1\nipv6: refused\ndata: /from/file\n')
    const loaded = await loadConfig({
      flags: { listen: '127.0.0.1:3' },
      env: { SALLYPORT_LISTEN: '127.0.0.1:2', SALLYPORT_DATA: '/from/env' },
      file,
    })
    expect(loaded).toMatchObject({
      ok: true,
      value: { listen: '127.0.0.1:3', data: '/from/env', ipv6: 'refused', logLevel: 'info' },
    })
  })

  it('names every mistake at once, with the three ways to say it right', async () => {
    const loaded = await loadConfig({
      flags: { listen: 'nowhere', answerWithin: 'soon' },
      env: {},
      file: await aFile('{}'),
    })
    expect(loaded.ok).toBe(false)
    if (loaded.ok) return
    expect(loaded.refusals.map(({ target }) => target)).toEqual(['listen', 'answerWithin'])
    expect(loaded.refusals[0]?.message).toContain('--listen, SALLYPORT_LISTEN')
  })

  it('refuses an option that it does not know, and lists those it does', async () => {
    const loaded = await loadConfig({ flags: {}, env: {}, file: await aFile('listn: 127.0.0.1:1\n') })
    expect(loaded).toMatchObject({ ok: false, refusals: [{ code: 'UnknownOption' }] })
  })

  it('says so when a file that was named is not there', async () => {
    const loaded = await loadConfig({ flags: {}, env: {}, file: join(folder, 'missing.yaml') })
    expect(loaded).toMatchObject({ ok: false, refusals: [{ code: 'InvalidConfigFile' }] })
  })

  it('refuses a certificate without its key', async () => {
    const loaded = await loadConfig({ flags: { tlsCert: '/c.pem' }, env: {}, file: await aFile('') })
    expect(loaded.ok).toBe(false)
  })

  it('refuses a gateway that is not the host it protects', async () => {
    for (const other of [{ fleet: 'fleet.json' }, { thisHost: 'off' }]) {
      const loaded = await loadConfig({ flags: { gateway: 'gateway.yaml', ...other }, env: {}, file: await aFile('') })
      expect(loaded).toMatchObject({ ok: false, refusals: [{ code: 'InvalidOption', target: 'gateway' }] })
    }
  })

  it('can be written down and read back', async () => {
    const first = await loadConfig({
      flags: { answerWithin: 'PT2S', trustClock: true },
      env: {},
      file: await aFile(''),
    })
    if (!first.ok) throw new Error('the options are good')
    const written = Object.entries(writtenConfig(first.value)).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    expect(await loadConfig({ flags: {}, env: {}, file: await aFile(written.join('\n')) })).toEqual(first)
  })

  it('gives every option a flag, a variable and a text', () => {
    for (const { flag, variable, text } of OPTIONS) {
      expect(flag).toMatch(/^[a-z0-9-]+$/)
      expect(variable).toMatch(/^SALLYPORT_[A-Z0-9_]+$/)
      expect(text).not.toBe('')
    }
  })
})
