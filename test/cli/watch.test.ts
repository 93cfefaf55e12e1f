import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  server = await startServer()
  await sp('policy set default -m web1 -p 22/tcp,max=3h -p 3389')
})
afterEach(() => server.stop())

/** Does something at the first pause, and nothing at the later ones. */
function once(act: () => Promise<unknown>): () => Promise<void> {
  let isDone = false
  return async () => {
    if (isDone) return
    isDone = true
    await act()
  }
}

describe('request watch', () => {
  test('tells each change in a line and ends when everything is shut', async () => {
    await sp('request create web1 -p 22 --from 203.0.113.7')
    const { exit, stdout, stderr } = await sp('request watch', {
      whileWaiting: once(() => sp('request close -m web1')),
    })
    expect([exit, stderr]).toEqual([0, 'All of it is over.\n'])
    expect(stdout).toMatch(/^2026-03-01 12:00:\d\d UTC {2}web1:22\/TCP {2}open {2}until 2026-03-01 13:00:\d\d UTC /m)
    expect(stdout.split('\n').map((line) => / (open|closed) /.exec(line)?.[1])).toEqual(['open', 'closed', undefined])
  })

  test('sees what is opened after it began', async () => {
    await sp('request create web1 -p 22')
    const { stdout } = await sp('request watch', {
      whileWaiting: once(async () => {
        await sp('request create web1 -p 3389')
        await sp('request close -m web1 -p 22')
        setImmediate(() => void sp('request close -m web1'))
      }),
    })
    expect(stdout).toMatch(/web1:22\/TCP {2}open[^]*web1:3389 {2}open[^]*web1:3389 {2}closed/)
  })

  test('is one JSON object a line for a program', async () => {
    await sp('request create web1 -p 22')
    const { stdout } = await sp('request watch -o json', { whileWaiting: once(() => sp('request close -m web1')) })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).state)).toEqual(['open', 'closed'])
  })

  test('at a terminal writes the table over itself, with what is left counting down', async () => {
    await sp('request create web1 -p 22 --for 1h')
    const { stdout } = await sp('request watch --interval 10s', {
      terminal: true,
      whileWaiting: once(() => sp('request close -m web1')),
    })
    const shown = stdout.split('\u001b[J').map((part) => part.replaceAll(/\u001b\[\d*[A-Za-z]/g, ''))
    expect(shown.length).toBeGreaterThan(9)
    expect(shown.at(1)).toMatch(/MACHINE .*LEFT[^]*open .*1 h/)
    expect(shown.at(5)).toContain('59 min')
    expect(shown.at(-1)).toContain('closed (early)')
  })

  test('ends with 130 at Ctrl-C, and what is open stays open', async () => {
    await sp('request create web1 -p 22')
    const { exit } = await sp('request watch', { whileWaiting: (interrupt) => interrupt() })
    expect(exit).toBe(130)
    expect((await sp('request list --live -o json')).json).toHaveLength(1)
  })

  test('with nothing open says so and ends', async () => {
    expect(await sp('request watch')).toMatchObject({ exit: 0, stdout: '', stderr: 'Nothing is open.\n' })
  })
})

describe('request extend', () => {
  const until = (typed: Typed): string => typed.json.grants[0].until

  test('moves the end, and says to when', async () => {
    await sp('request create web1 -p 22 --for 1h')
    const extended = await sp('request extend -m web1 --for 2h -o json')
    expect([extended.exit, until(extended)]).toEqual([0, expect.stringMatching(/^2026-03-01T14:00:0/)])
    const later = await sp('request extend -m web1 --until 2026-03-01T14:30:00Z -o json')
    expect(until(later)).toMatch(/^2026-03-01T14:30:00/)
  })

  test('asks whether it would be allowed without changing anything, and is refused beyond the policy’s time', async () => {
    await sp('request create web1 -p 22 --for 1h')
    const dry = await sp('request extend -m web1 --for 2h --dry-run')
    expect([dry.exit, dry.stderr]).toEqual([0, expect.stringContaining('would be allowed')])
    expect((await sp('request list --live -o json')).json[0].grants[0].until).toMatch(/^2026-03-01T13:00/)
    expect((await sp('request extend -m web1 --for 20h')).exit).toBe(4)
  })

  test('wants to know what and for how long, and finds only what is open', async () => {
    expect((await sp('request extend --for 1h')).exit).toBe(2)
    expect((await sp('request extend -m web1')).exit).toBe(2)
    expect((await sp('request extend -m web1 --for soon')).exit).toBe(2)
    expect((await sp('request extend -m web1 --for 1h')).exit).toBe(3)
  })
})
