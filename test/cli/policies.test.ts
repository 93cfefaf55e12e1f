import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineId, startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.stop())

describe('policy set', () => {
  test('a policy is made from a machine’s name and shown', async () => {
    const made = await sp('policy set default -m web1 -p 22/tcp,max=1h,from=10.0.0.0/8 -o json')
    expect(made.exit).toBe(0)
    expect(made.json).toMatchObject({
      name: 'default',
      location: 'westeurope',
      properties: {
        provisioningState: 'Succeeded',
        virtualMachines: [
          {
            id: machineId('web1'),
            ports: [
              {
                number: 22,
                protocol: 'TCP',
                allowedSourceAddressPrefix: '10.0.0.0/8',
                maxRequestAccessDuration: 'PT1H',
              },
            ],
          },
        ],
      },
    })
  })

  test('it lives with its first machine, unless told where', async () => {
    expect((await sp('policy set a -m db1 --defaults -o json')).json.id).toContain('/resourceGroups/mainWS/')
    expect((await sp('policy set b -m db1 --defaults -g ops -l local -o json')).json.id).toMatch(
      /\/resourceGroups\/ops\/.*\/locations\/local\//,
    )
  })

  test('the other machines of the policy stay, and one that is named again is replaced', async () => {
    await sp('policy set default -m web1 -p 22')
    await sp('policy set default -m web2 -p 3389')
    const { json } = await sp('policy set default -m web1 -p 5986 -o json')
    const ports = json.properties.virtualMachines.map((vm: { id: string; ports: { number: number }[] }) => [
      vm.id.split('/').at(-1),
      vm.ports.map(({ number }) => number),
    ])
    expect(ports).toEqual([
      ['web1', [5986]],
      ['web2', [3389]],
    ])
  })

  test('ports that it protects no more are named before anything is written', async () => {
    await sp('policy set default -m web1 -m web2 -p 22 -p 3389')
    const more = await sp('policy set default -m web1 -p 22 -p 3389 -p 5986 --dry-run')
    const less = await sp('policy set default -m web1 -p 3389 --dry-run')
    const other = await sp('policy set default -m web1 -p 22 -p 3389 --replace --dry-run')
    const told = [more, less, other].map(({ stderr }) => stderr.match(/warning: .*/g))
    expect(told).toEqual([
      null,
      ['warning: 22 on web1 will be protected by this policy no more'],
      ['warning: 22, 3389 on web2 will be protected by this policy no more'],
    ])
  })

  test('--replace keeps none of the others', async () => {
    await sp('policy set default -m web1 -p 22')
    const { json } = await sp('policy set default -m web2 -p 22 --replace -o json')
    expect(json.properties.virtualMachines).toHaveLength(1)
  })

  test('--defaults protects the four management ports, and --port says more about one of them', async () => {
    const { json } = await sp('policy set default -m web1 --defaults -p 22/tcp,max=15m -o json')
    const [{ ports }] = json.properties.virtualMachines
    expect(ports.map(({ number }: { number: number }) => number)).toEqual([22, 3389, 5985, 5986])
    expect(ports[0].maxRequestAccessDuration).toBe('PT15M')
  })

  test('the name must be whole: the beginning of another policy’s makes a new one', async () => {
    await sp('policy set default -m web1 -p 22')
    await sp('policy set def -m web2 -p 22')
    expect((await sp('policy list -o json')).json).toHaveLength(2)
  })

  test('mistakes are found before anything is sent, all of them', async () => {
    const { exit, stderr } = await sp('policy set default -m web1 -p ssh -p 22,max=1m')
    expect(exit).toBe(2)
    expect(stderr).toContain("'ssh' is not a port")
    expect(stderr).toContain('a maximum lasts from PT5M to P1D')
    expect((await sp('policy list -o json')).json).toEqual([])
  })

  test('--dry-run shows the plan and changes nothing; policy plan does the same', async () => {
    for (const line of [
      'policy set default -m web1 -p 22 --dry-run -o json',
      'policy plan default -m web1 -p 22 -o json',
    ]) {
      const { exit, json } = await sp(line)
      expect([exit, Object.keys(json)]).toEqual([0, ['action', 'points']])
    }
    expect((await sp('policy list -o json')).json).toEqual([])
  })

  test('a policy that would cut your own shell is refused with --force as the remedy, and --force makes it', async () => {
    const env = { SSH_CONNECTION: '203.0.113.7 51234 10.0.0.4 22' }
    const refused = await sp('policy set default -m web1 -p 22', { env })
    expect([refused.exit, refused.stderr]).toEqual([4, expect.stringContaining('from 203.0.113.7, port 51234')])
    expect(refused.stderr).toContain('try: --force')
    expect((await sp('policy set default -m web1 -p 22 --force', { env })).exit).toBe(0)
  })

  test('on a terminal it asks; no changes nothing, yes goes on, --yes does not ask', async () => {
    const no = await sp('policy set default -m web1 -p 22', { terminal: true, answer: 'n' })
    expect([no.exit, no.stderr]).toEqual([130, expect.stringContaining('nothing was changed')])
    expect((await sp('policy list -o json')).json).toEqual([])
    expect((await sp('policy set default -m web1 -p 22', { terminal: true, answer: 'y' })).exit).toBe(0)
    const unasked = await sp('policy set default -m web1 -p 23 --yes', { terminal: true, answer: 'n' })
    expect([unasked.exit, unasked.stderr.includes('[y/N]')]).toEqual([0, false])
  })

  test('setting it to what it is changes nothing and says so', async () => {
    await sp('policy set default -m web1 -p 22')
    const again = await sp('policy set default -m web1 -p 22')
    expect([again.exit, again.stderr]).toEqual([0, expect.stringContaining('so already')])
  })

  test('what policy show prints is taken back by -f, from a file and from stdin', async () => {
    await sp('policy set default -m web1 -p 22/tcp,max=1h')
    const shown = await sp('policy show default -o yaml')
    const folder = await mkdtemp(join(tmpdir(), `sallyport-cli-${process.pid}-`))
    const file = join(folder, 'policy.yaml')
    await writeFile(file, shown.stdout)
    expect((await sp(`policy set default -f ${file}`)).stderr).toContain('so already')
    expect((await sp('policy set other -f -', { stdin: shown.stdout })).exit).toBe(0)
    await rm(folder, { recursive: true })
  })

  test('a file that is no policy is refused with the place of each mistake', async () => {
    const stdin = '{"properties":{"virtualMachines":[{"id":"web1","ports":[{"number":"22"}]}]}}'
    const { exit, stderr } = await sp('policy set default -f -', { stdin })
    expect(exit).toBe(2)
    expect(stderr).toContain('(properties.virtualMachines.0.ports.0.number)')
    expect(stderr).toContain('(properties.virtualMachines.0.ports.0.protocol)')
  })

  test('a machine that does not exist exits with 3', async () => {
    expect((await sp('policy set default -m nobody -p 22')).exit).toBe(3)
  })

  test('a policy that somebody changed meanwhile is not overwritten', async () => {
    await sp('policy set default -m web1 -p 22')
    const between = async (): Promise<string> => {
      await sp('policy set default -m web2 -p 22')
      return 'y'
    }
    const raced = await typeAnswering('policy set default -m web1 -p 23', between)
    expect([raced.exit, raced.stderr]).toEqual([1, expect.stringContaining('try: the same command again')])
    const [policy] = (await sp('policy list -o json')).json
    expect(policy.properties.virtualMachines).toHaveLength(2)
  })
})

/** Something happens while the question stands. */
function typeAnswering(line: string, answer: () => Promise<string>): Promise<Typed> {
  return type(server.url, line.split(' '), { terminal: true, answering: answer })
}

describe('policy list, show and remove', () => {
  test('an empty list says what to do first', async () => {
    const { exit, stdout, stderr } = await sp('policy list')
    expect([exit, stdout]).toEqual([0, ''])
    expect(stderr).toContain('sallyport policy set')
  })

  test('a policy is found by the beginning of its name and removed', async () => {
    await sp('policy set default -m web1 -p 22')
    expect((await sp('policy show DEF')).stdout).toContain('FOR AT MOST')
    expect((await sp('policy remove def --yes')).exit).toBe(0)
    expect((await sp('policy show default')).exit).toBe(3)
  })

  test('removing asks on a terminal', async () => {
    await sp('policy set default -m web1 -p 22')
    expect((await sp('policy remove default', { terminal: true, answer: '' })).exit).toBe(130)
    expect((await sp('policy show default')).exit).toBe(0)
  })

  test('policies of every machine’s subscription are listed', async () => {
    await sp('policy set near -m web1 -p 22')
    await sp('policy set far -m far1 -p 22')
    expect((await sp('policy list -o tsv')).stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(
      expect.arrayContaining(['near', 'far']),
    )
  })
})
