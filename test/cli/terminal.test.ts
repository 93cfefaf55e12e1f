/** What only a terminal shows: colours, widths, questions and Ctrl-C. `script` of util-linux gives one. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { type } from './type.ts'

const ENTRY = fileURLToPath(new URL('../../src/main/sallyport.ts', import.meta.url))
const WIDTH = 60

let server: RunningServer

beforeEach(async () => {
  server = await startServer()
  await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22'])
})
afterEach(() => server.stop())

interface Terminal {
  readonly child: ChildProcessWithoutNullStreams
  /** Everything that was on the screen so far. */
  readonly screen: () => string
  /** Resolves when the screen has this. */
  readonly shows: (text: string) => Promise<void>
  readonly exit: () => Promise<number | null>
}

function terminal(line: string, env: Record<string, string> = {}, width = WIDTH): Terminal {
  const { PATH = '' } = process.env
  const command = `stty cols ${width}; exec '${process.execPath}' '${ENTRY}' ${line}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: {
      PATH,
      SALLYPORT_SERVER: server.url,
      SALLYPORT_TOKEN: TOKEN,
      SALLYPORT_READY_FILE: '',
      TZ: 'UTC',
      TERM: 'xterm',
      ...env,
    },
  })
  let screen = ''
  child.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()))
  const shows = async (text: string): Promise<void> => {
    while (!screen.includes(text)) await once(child.stdout, 'data')
  }
  const ended = once(child, 'close')
  return { child, screen: () => screen, shows, exit: async () => ended.then(() => child.exitCode) }
}

const withoutColours = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '')

test('a table has colours, and no line that is wider than the terminal', async () => {
  const { exit, screen } = terminal('machine list')
  expect(await exit()).toBe(0)
  expect(screen()).toContain('\u001b[32m')
  const lines = withoutColours(screen()).split('\r\n')
  expect(lines.filter((line) => line.length > WIDTH)).toEqual([])
  expect(lines.join('\n')).toContain('web1')
})

test('a terminal that does not know its width gets whole lines', async () => {
  const { exit, screen } = terminal('machine list', {}, 0)
  expect(await exit()).toBe(0)
  expect(withoutColours(screen())).toMatch(/^NAME +OS +ADDRESS .* ID\r$/m)
})

test('NO_COLOR takes the colours away', async () => {
  const { exit, screen } = terminal('machine list', { NO_COLOR: '1' })
  expect(await exit()).toBe(0)
  expect(screen()).not.toContain('\u001b[3')
})

test('a question is asked, and yes is taken for an answer', async () => {
  const { child, exit, shows, screen } = terminal('policy remove default')
  await shows('Remove policy default? [y/N]')
  child.stdin.write('y\n')
  expect([await exit(), screen()]).toEqual([0, expect.stringContaining('Removed policy default.')])
})

test('Ctrl-C at a question ends with 130, and nothing was changed', async () => {
  const { child, exit, shows } = terminal('policy remove default')
  await shows('[y/N]')
  child.stdin.write('\u0003')
  expect(await exit()).toBe(130)
  expect((await type(server.url, ['policy', 'list', '-o', 'json'])).json).toHaveLength(1)
})

test('in a pipe on the same terminal the lines are whole and without colours, and a reader may leave', async () => {
  const { exit, screen } = terminal('machine list | head -n 2')
  expect(await exit()).toBe(0)
  expect(screen()).not.toContain('\u001b[')
  expect(
    Math.max(
      ...screen()
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeGreaterThan(WIDTH)
})
