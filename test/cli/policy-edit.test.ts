/** `policy edit` with an editor that is a program of the test. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { ALONE, type, type Typed } from './type.ts'

let server: RunningServer
const kept: string[] = []

beforeEach(async () => {
  server = await startServer()
  await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22/tcp,max=1h'])
})
afterEach(async () => {
  await server.stop()
  for (const file of kept.splice(0)) await rm(join(file, '..'), { recursive: true })
})

/** Each step is one session in the editor: what it makes of the text it is given. */
async function edit(
  ...steps: readonly ((text: string) => string)[]
): Promise<Pick<Typed, 'exit' | 'stdout' | 'stderr'> & { seen: string[] }> {
  const seen: string[] = []
  const left = [...steps]
  const hand = async (program: string, args: readonly string[]): Promise<number> => {
    expect([program, args[0]]).toEqual(['code', '--wait'])
    const file = args[1] ?? ''
    const text = await readFile(file, 'utf8')
    seen.push(text)
    await writeFile(file, left.shift()?.(text) ?? text)
    return 0
  }
  const env = { EDITOR: 'code --wait' }
  const typed = await type(server.url, ['policy', 'edit', 'default'], { env, outside: { ...ALONE, hand } })
  const [, file] = /What you wrote is in (\S+)/.exec(typed.stderr) ?? []
  if (file !== undefined) kept.push(file)
  return { exit: typed.exit, stdout: typed.stdout, stderr: typed.stderr, seen }
}

test('what is written in the editor is made so', async () => {
  const { exit, stdout } = await edit((text) => text.replace('PT1H', '2h'))
  expect([exit, stdout]).toEqual([0, expect.stringContaining('~ 22/TCP  for at most PT1H → for at most PT2H')])
  const { body } = await server.call('GET', '/api/v1/policies')
  expect(body.value[0].virtualMachines[0].ports[0].maxRequestAccessDuration).toBe('PT2H')
  expect(body.value[0].managedBy).toBeUndefined()
})

test('a mistake opens the editor again, with its line, and what was written is still there', async () => {
  const { exit, seen } = await edit(
    (text) => text.replace('PT1H', 'soon'),
    (text) => text.replace('soon', '3h'),
  )
  expect(exit).toBe(0)
  expect(seen[1]).toMatch(/max: soon[^]*what is wrong[^]*default\.yaml:\d+:\d+: 'soon' is not a length of time/)
})

test('a mistake that is left is no change; the text is kept, and where is said', async () => {
  const { exit, stderr } = await edit((text) => text.replace('web1', 'web7'))
  expect([exit, stderr]).toEqual([
    2,
    expect.stringMatching(/nothing was mended; nothing was changed\. What you wrote is in \S+default\.yaml/),
  ])
  expect(await readFile(kept[0] ?? '', 'utf8')).toContain('machine: web7')
})

test('closing the editor without a change changes nothing', async () => {
  expect(await edit((text) => text)).toMatchObject({ exit: 0, stderr: 'Nothing was changed.\n' })
})

test('another name is refused: it would be another policy', async () => {
  const { seen } = await edit((text) => text.replace('name: default', 'name: other'))
  expect(seen[1]).toContain('its name and its place stay as they are')
})

test('where there is no terminal no editor is started that waits for one', async () => {
  const started: string[] = []
  const hand = async (program: string): Promise<number> => {
    started.push(program)
    return 0
  }
  const line = ['policy', 'edit', 'default']
  const env = { EDITOR: '' }
  const without = await type(server.url, line, { env, outside: { ...ALONE, hand } })
  expect([without.exit, without.stderr, started]).toEqual([2, expect.stringContaining('policy set default -f'), []])
  expect((await type(server.url, line, { env, terminal: true, outside: { ...ALONE, hand } })).exit).toBe(0)
  expect(started).toEqual(['vi'])
})
