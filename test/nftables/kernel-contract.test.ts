import { setTimeout } from 'node:timers/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KernelWorker } from '../support/kernel-worker.ts'
import { startRemote, type Remote } from '../support/remote.ts'
import { openStage, type Stage } from './stage.ts'

const script = join(import.meta.dirname, '..', 'support', 'kernel-worker.ts')

describe.each(['library', 'process'] as const)('the %s way to the kernel', (backend) => {
  let stage: Stage
  let kernel: Remote<KernelWorker>

  beforeEach(async () => {
    stage = openStage()
    kernel = await startRemote<KernelWorker>(stage.lab.name('host'), script, [backend])
  })
  afterEach(async () => {
    await kernel.kill()
    await stage.remove()
  })

  const TABLE =
    'add table inet t\nadd set inet t s { type ipv4_addr . inet_proto . inet_service; flags timeout; size 10; }\n'
  const ID = 's:0a0000010600000000160000'
  const add = (element: string): string => `add element inet t s { ${element} }\n`

  it('takes a whole transaction or nothing of it, and says why not', async () => {
    await kernel.call('apply', TABLE)
    await expect(
      kernel.call('apply', `${add('10.0.0.1 . 6 . 22 timeout 1h')}delete element inet t s { 10.9.9.9 . 6 . 22 }\n`),
    ).rejects.toThrow(/No such file or directory/)
    expect(await kernel.call('elements', 't', 's')).toEqual([])
    await kernel.call('apply', add('10.0.0.1 . 6 . 22 timeout 1h'))
    expect((await kernel.call('elements', 't', 's')).map(({ id }) => id)).toEqual([ID])
  })

  it('refuses what is more than a set holds, and changes nothing', async () => {
    await kernel.call('apply', TABLE)
    const eleven = Array.from({ length: 11 }, (_, index) => `10.0.1.${index} . 6 . 22 timeout 1h`).join(', ')
    await expect(kernel.call('apply', add(eleven))).rejects.toThrow(/full|Too many|file table overflow/i)
    expect(await kernel.call('elements', 't', 's')).toEqual([])
  })

  it('reads elements with what remains of them, and one by its key', async () => {
    await kernel.call('apply', `${TABLE}${add('10.0.0.1 . 6 . 22 timeout 10s')}${add('10.0.0.2 . 17 . 53')}`)
    const [first, second] = (await kernel.call('elements', 't', 's')).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(first?.id).toBe(ID)
    expect(first?.remaining).toBeGreaterThan(8000)
    expect(first?.remaining).toBeLessThanOrEqual(10_000)
    expect(second).toMatchObject({ id: 's:0a0000021100000000350000', remaining: undefined })
    expect((await kernel.call('element', 't', ID))?.remaining).toBeGreaterThan(8000)
    expect(await kernel.call('element', 't', 's:0a0000090600000000160000')).toBeUndefined()
  })

  it('reads nothing from a set or a table that is not there', async () => {
    expect(await kernel.call('elements', 'nowhere', 's')).toEqual([])
    expect(await kernel.call('element', 'nowhere', ID)).toBeUndefined()
    expect(await kernel.call('tables')).toEqual([])
    await kernel.call('apply', TABLE)
    expect(await kernel.call('tables')).toEqual(['t'])
  })

  it('no longer reads an element whose time is over', async () => {
    await kernel.call('apply', `${TABLE}${add('10.0.0.1 . 6 . 22 timeout 50ms')}`)
    await setTimeout(60) // the kernel's own clock, which no test can move
    expect(await kernel.call('elements', 't', 's')).toEqual([])
    expect(await kernel.call('element', 't', ID)).toBeUndefined()
  })

  it('finds its own structure exact, and every kind of change to it', async () => {
    await kernel.call('writeStructure')
    expect(await kernel.call('structure')).toEqual({ state: 'exact', differences: [] })
    const changes: [readonly string[], string][] = [
      [['insert', 'rule', 'inet', 'sallyport', 'guard', 'accept'], 'chain guard was changed'],
      [['add', 'rule', 'inet', 'sallyport', 'grants', 'ip', 'saddr', '10.0.0.1', 'accept'], 'chain grants was changed'],
      [['add', 'chain', 'inet', 'sallyport', 'extra'], 'chain extra is not ours'],
      [['add', 'set', 'inet', 'sallyport', 'other', '{ type ipv4_addr; }'], 'set other is not ours'],
      [['add', 'table', 'inet', 'sallyport', '{ flags dormant; }'], 'the table was put to sleep'],
    ]
    for (const [command, difference] of changes) {
      stage.nft(...command)
      const seen = await kernel.call('structure')
      expect(seen.state).toBe('differs')
      expect(seen.differences.map(({ text }) => text)).toContain(difference)
      if (command[1] === 'table') stage.nft('add', 'table', 'inet', 'sallyport')
    }
    stage.nft('delete', 'table', 'inet', 'sallyport')
    expect((await kernel.call('structure')).state).toBe('absent')
  })

  it('compiles without leaving anything behind', async () => {
    await kernel.call('structure')
    expect(stage.nft('list', 'ruleset')).toBe('')
  })

  it('tells what others do, with their names and the tables, and tells its own deeds apart', async () => {
    await kernel.call('watch')
    stage.nftFile(TABLE)
    await expect
      .poll(() => kernel.call('events'), { timeout: 5000 })
      .toMatchObject([{ name: 'nft', isOwn: false, tables: ['inet t'] }])
    await kernel.call('apply', add('10.0.0.1 . 6 . 22 timeout 1h'))
    await expect
      .poll(() => kernel.call('events'), { timeout: 5000 })
      .toMatchObject([{ isOwn: false }, { isOwn: true, tables: ['inet t'] }])
    stage.nft('flush', 'ruleset')
    await expect
      .poll(() => kernel.call('events'), { timeout: 5000 })
      .toMatchObject([{ isOwn: false }, { isOwn: true }, { isOwn: false, tables: ['inet t'] }])
  })
})
