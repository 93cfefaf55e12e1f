/** Policies as files: what would change, one write for each policy, every mistake at its place, and the way back. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineId, OTHER_SUBSCRIPTION, startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
let folder: string
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)
const apply = (stdin: string, options = ''): Promise<Typed> => sp(`apply -f - ${options}`.trim(), { stdin })

beforeEach(async () => {
  server = await startServer()
  folder = await mkdtemp(join(tmpdir(), `sallyport-apply-${process.pid}-`))
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const TWO = `# two policies
policies:
  - name: default
    machines:
      - machine: web1
        ports:
          - port: 22
            protocol: tcp
            from: 10.0.0.0/8
            max: 1h
          - { port: 3389 }
  - name: databases
    machines:
      - machine: db1
        ports: [{ port: 22, protocol: TCP, from: [10.0.0.0/8, 192.0.2.7], max: PT90M }]
`

describe('apply', () => {
  test('makes what the file says, and says so port by port before', async () => {
    const { exit, stdout, stderr } = await apply(TWO)
    expect([exit, stderr]).toEqual([
      0,
      expect.stringContaining('Policies: 2 to make, 0 to change, 0 to remove, 0 as they should be.'),
    ])
    expect(stdout).toBe(`+ policy default  (myService1/westeurope)
    + machine web1
        + 22/TCP  from 10.0.0.0/8  for at most PT1H
        + 3389  from anywhere  for at most PT3H
+ policy databases  (mainWS/westeurope)
    + machine db1
        + 22/TCP  from 10.0.0.0/8, 192.0.2.7  for at most PT1H30M
`)
    expect((await sp('policy list -o tsv --query [].name')).stdout).toBe('databases\ndefault\n')
  })

  test('a second time changes nothing, and writes nothing', async () => {
    await apply(TWO)
    const events = async (): Promise<number> =>
      (await sp("audit list --since 1d -o json --query [?starts_with(action,'policy')]")).json.length
    const before = await events()
    const again = await apply(TWO)
    expect([again.exit, again.stdout, await events()]).toEqual([0, '', before])
  })

  test('shows both sides of what changes, and nothing of what stays', async () => {
    await apply(TWO)
    const changed = TWO.replace('max: 1h', 'max: 2h').replace('          - { port: 3389 }\n', '')
    expect((await apply(changed, '--check')).stdout).toBe(`~ policy default  (myService1/westeurope)
    ~ machine web1
        ~ 22/TCP  for at most PT1H → for at most PT2H
        - 3389  from anywhere  for at most PT3H
`)
  })

  test('says who is cut off at the end, and that nobody is any more', async () => {
    const cutting = TWO.replace('{ port: 3389 }', '{ port: 3389, onExpiry: cut }')
    expect((await apply(cutting)).stdout).toContain(
      '+ 3389  from anywhere  for at most PT3H  cuts who is connected at the end\n',
    )
    expect((await sp('export')).stdout).toContain('onExpiry: cut')
    expect((await apply(TWO, '--check')).stdout).toContain(
      '~ 3389  cuts who is connected at the end → keeps who is connected at the end\n',
    )
  })

  test('--check changes nothing, and exits with 2 for a difference, 0 for none and 1 for a mistake', async () => {
    expect((await apply(TWO, '--check')).exit).toBe(2)
    expect((await sp('policy list -o json')).json).toEqual([])
    await apply(TWO)
    expect((await apply(TWO, '--check')).exit).toBe(0)
    expect((await apply('policies: 7', '--check')).exit).toBe(1)
    const mistyped = ['--chekc', '--parameter x', '--query [', '--server ftp://x', '-o jsn', '--source=a --prune=yes']
    for (const options of mistyped)
      expect([options, (await apply(TWO, `--check ${options}`)).exit]).toEqual([options, 1])
  })

  test('asks on a terminal, and takes no for an answer', async () => {
    const no = await sp('apply -f -', { stdin: TWO, terminal: true, answer: 'n' })
    expect([no.exit, no.stderr]).toEqual([130, expect.stringContaining('Make these changes? [y/N]')])
    expect((await sp('policy list -o json')).json).toEqual([])
    expect((await sp('apply -f - --yes', { stdin: TWO, terminal: true })).exit).toBe(0)
  })

  test('a policy that no file names is left alone', async () => {
    await sp('policy set other -m web2 -p 22')
    await apply(TWO)
    expect((await sp('policy list -o tsv --query [].name')).stdout).toContain('other\n')
  })

  test('what the server alone can judge is told at its place too, and then nothing is written', async () => {
    const unknown = TWO.replace('machine: db1', `machine: ${machineId('gone')}`)
    const { exit, stderr } = await apply(unknown)
    expect([exit, stderr]).toEqual([3, expect.stringContaining('standard input:14:18: there is no machine')])
    expect((await sp('policy list -o json')).json).toEqual([])
  })

  test('as data, for a program', async () => {
    const { json } = await apply(TWO, '--check -o json')
    expect(json.counts).toEqual({ create: 2, update: 0, adopt: 0, remove: 0, none: 0 })
    expect(json.policies[0]).toMatchObject({
      action: 'create',
      name: 'default',
      machines: [{ action: 'create', ports: [{ port: 22 }, { port: 3389 }] }],
    })
    expect(json.policies[0].points.length).toBeGreaterThan(0)
  })
})

describe('which code manages a policy', () => {
  const ONE = `${TWO.split('  - name: databases')[0]}`
  const managed = async (): Promise<string[]> => {
    const { body } = await server.call('GET', '/api/v1/policies')
    return body.value.map(
      (policy: { name: string; managedBy?: { source?: string } }) =>
        `${policy.name} ${policy.managedBy?.source ?? '-'}`,
    )
  }

  test('is kept with the policy, and --prune removes what the same source names no more, and nothing else', async () => {
    await sp('policy set by-hand -m web2 -p 22')
    await apply(TWO, '--source acme/a')
    expect((await managed()).toSorted()).toEqual(['by-hand -', 'databases acme/a', 'default acme/a'])
    expect((await apply(ONE, '--source acme/other --prune --check')).exit).toBe(4)
    const gone = await apply(ONE, '--source acme/a --prune')
    expect([gone.exit, gone.stdout]).toEqual([
      0,
      expect.stringContaining('- policy databases  (mainWS/westeurope)\n    - machine db1\n        - 22/TCP'),
    ])
    expect((await managed()).toSorted()).toEqual(['by-hand -', 'default acme/a'])
  })

  test('--prune must say whose policies', async () => {
    expect(await apply(ONE, '--prune')).toMatchObject({ exit: 2, stderr: expect.stringContaining('--source') })
  })

  test('another source is refused at its place, and --take-over takes over', async () => {
    await apply(ONE, '--source acme/a')
    const other = await apply(ONE, '--source acme/b')
    expect([other.exit, other.stderr]).toEqual([
      4,
      expect.stringMatching(/standard input:3:11: the policy is managed by [^]*--take-over/),
    ])
    expect((await apply(ONE, '--source acme/b --take-over')).stdout).toContain(
      '= policy default  (myService1/westeurope): managed by these files from now on',
    )
    expect(await managed()).toEqual(['default acme/b'])
  })

  test('is shown in the list, and told to who changes the policy by hand', async () => {
    expect((await sp('policy list')).stdout).not.toContain('MANAGED BY')
    await apply(ONE, '--source acme/a')
    expect((await sp('policy list')).stdout).toMatch(/MANAGED BY\n.*sallyport-apply acme\/a$/m)
    const set = await sp('policy set default -m web1 -p 22,max=3h')
    expect(set.stderr).toContain('managed by sallyport-apply acme/a, which will undo this when it is applied again')
    expect((await sp('policy list')).stdout).toContain('acme/a, changed outside')
    expect((await sp('policy remove default')).stderr).toContain('managed by sallyport-apply acme/a')
  })

  test('a change by hand is a difference, and the files are right again', async () => {
    await apply(ONE, '--source acme/a')
    await sp('policy set default -m web1 -p 22,max=3h')
    const found = await apply(ONE, '--source acme/a --check')
    expect([found.exit, found.stdout]).toEqual([2, expect.stringContaining('~ policy default')])
    await apply(ONE, '--source acme/a')
    expect(await apply(ONE, '--source acme/a --check')).toMatchObject({ exit: 0, stdout: '' })
  })
})

describe('every mistake is told at once, with file, line and column', () => {
  const told = async (text: string): Promise<string[]> => {
    const { exit, stderr } = await apply(text)
    expect(exit).toBe(2)
    return stderr.split('\n').filter((line) => line.startsWith('  - '))
  }

  test('in one file', async () => {
    const wrong = TWO.replace('protocol: tcp', 'protocol: icmp')
      .replace('max: PT90M', 'max: soon')
      .replace('machine: db1', 'machin: db1')
    expect(await told(wrong)).toEqual([
      expect.stringContaining('standard input:8:23: protocol: '),
      expect.stringContaining("standard input:14:9: 'machine' is missing"),
      expect.stringMatching(/standard input:14:17: 'machin' is not known here; did you mean machine\?/),
    ])
    // What is a key somewhere else in the file is not what was meant.
    expect(await told(TWO.replace('machines:', 'machine:'))).toContainEqual(
      expect.stringContaining("'machine' is not known here; did you mean machines?"),
    )
  })

  test('in what the values mean', async () => {
    const wrong = TWO.replace('10.0.0.0/8\n', '10.0.0.0/99\n')
      .replace('max: PT90M', 'max: soon')
      .replace('machine: db1', 'machine: db7')
    expect(await told(wrong)).toEqual([
      expect.stringContaining("standard input:9:19: '10.0.0.0/99' is not an IP address"),
      expect.stringContaining("standard input:14:18: there is no machine 'db7'"),
      expect.stringContaining("standard input:15:80: 'soon' is not a length of time"),
    ])
  })

  test('in shape and in meaning, without one hiding the other', async () => {
    const wrong = TWO.replace('            protocol: tcp', '            protocl: tcp')
      .replace('10.0.0.0/8\n', '10.0.0.0/99\n')
      .replace('max: 1h', 'max: soon')
      .replace('- { port: 3389 }', '- { prt: 3389 }\n          - { port: 3390, onExpiry: ct, max: 9d }')
      .replace('machine: db1', 'machine: db7')
    expect(await told(wrong)).toEqual([
      expect.stringContaining("standard input:8:22: 'protocl' is not known here; did you mean protocol?"),
      expect.stringContaining("standard input:9:19: '10.0.0.0/99' is not an IP address"),
      expect.stringContaining("standard input:10:18: 'soon' is not a length of time"),
      expect.stringContaining("standard input:11:13: 'port' is missing"),
      expect.stringContaining("standard input:11:20: 'prt' is not known here"),
      expect.stringContaining('standard input:12:37: onExpiry: '),
      expect.stringContaining('standard input:12:46: '),
      expect.stringContaining("standard input:15:18: there is no machine 'db7'"),
    ])
  })

  test('in the API’s own form too', async () => {
    const port = (number: string, max: string): string =>
      `        - { number: ${number}, protocol: TCP, allowedSourceAddressPrefix: '*', maxRequestAccessDuration: ${max} }\n`
    const policy = machineId('web1').replace(
      /Microsoft\.Compute.*/,
      'Microsoft.Security/locations/l/jitNetworkAccessPolicies/p',
    )
    const machine = `    - id: ${machineId('web1')}\n      ports:\n${port('ssh', 'PT1H')}${port('22', 'PT9D')}`
    expect(await told(`id: ${policy}\nkind: Basic\nproperties:\n  virtualMachines:\n${machine}`)).toEqual([
      expect.stringContaining('standard input:7:21: number: '),
      expect.stringMatching(/standard input:8:\d+: .*PT9D/),
    ])
  })

  test('in several files of a folder', async () => {
    await writeFile(join(folder, 'a.yaml'), 'policies:\n  - name: a\n    machines: []\n')
    await writeFile(join(folder, 'b.yaml'), 'policies: [\n')
    await writeFile(join(folder, 'notes.txt'), 'not a policy')
    await writeFile(join(folder, '.hidden.yaml'), 'no: policy')
    const { exit, stderr } = await sp(`apply -f ${folder}`)
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/a\.yaml:3:5: [^]*b\.yaml:2:1: /)])
  })

  test('a policy that is written twice', async () => {
    expect(
      await told(TWO.replace('name: databases', 'name: default').replace('machine: db1', 'machine: web1')),
    ).toEqual([
      expect.stringContaining(
        "standard input:12:11: policy 'default' is written twice; the other is at standard input:3:11",
      ),
    ])
  })

  test('in a file with the line ends of Windows', async () => {
    expect(await told(TWO.replace('10.0.0.0/8\n', '10.0.0.0/99\n').replaceAll('\n', '\r\n'))).toEqual([
      expect.stringContaining('standard input:9:19: '),
    ])
    expect((await apply(TWO.replaceAll('\n', '\r\n'), '--check')).exit).toBe(2)
  })

  test('a key that is written twice', async () => {
    expect(await told('policies: []\npolicies: []\n')).toEqual([expect.stringContaining('standard input:2:1: ')])
  })
})

describe('an ARM template', () => {
  const template = (name: string, more: object = {}): string =>
    JSON.stringify({
      $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
      contentVersion: '1.0.0.0',
      parameters: { vm: { type: 'string' }, location: { type: 'string', defaultValue: '[resourceGroup().location]' } },
      variables: { hours: 'PT2H' },
      resources: [
        { type: 'Microsoft.Network/virtualNetworks', name: '[whatever()]' },
        {
          type: 'Microsoft.Security/locations/jitNetworkAccessPolicies',
          apiVersion: '2020-01-01',
          name,
          kind: 'Basic',
          properties: {
            virtualMachines: [
              {
                id: "[resourceId('Microsoft.Compute/virtualMachines', parameters('vm'))]",
                ports: [
                  {
                    number: 22,
                    protocol: '*',
                    allowedSourceAddressPrefix: '*',
                    maxRequestAccessDuration: "[variables('hours')]",
                  },
                ],
              },
            ],
          },
          ...more,
        },
      ],
    })
  const NAME = "[format('{0}/{1}', parameters('location'), 'default')]"

  test('is applied with the parameters that are given', async () => {
    const { exit, stdout } = await apply(template(NAME), '-g myService1 -l westeurope --parameter vm=web1')
    expect([exit, stdout]).toEqual([0, expect.stringContaining('+ 22  from anywhere  for at most PT2H')])
    expect((await sp('policy show default -o json')).json.properties.virtualMachines[0].id).toBe(machineId('web1'))
  })

  test('is meant for the subscription that is named, where its machines are', async () => {
    const there = `-g elsewhere -l westeurope --parameter vm=far1 --check --subscription ${OTHER_SUBSCRIPTION}`
    expect(await apply(template(NAME), there)).toMatchObject({ exit: 2, stdout: expect.stringContaining('far1') })
  })

  test('is taken as Bicep’s compiler writes it, with names for its resources and texts put together', async () => {
    const ports = [{ number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT1H' }]
    const compiled = {
      languageVersion: '2.0',
      parameters: { names: { type: 'array', defaultValue: ['web1', 'web2'] } },
      variables: { group: { name: "[toLower('MYSERVICE1')]" } },
      resources: {
        there: { existing: true, type: 'Microsoft.Security/locations/jitNetworkAccessPolicies', name: 'x/y' },
        policy: {
          type: 'Microsoft.Security/locations/jitNetworkAccessPolicies',
          name: "[concat(resourceGroup().location, '/', 'it''s'[0])]",
          properties: { virtualMachines: [] },
        },
        night: {
          type: 'microsoft.security/Locations/jitNetworkAccessPolicies',
          name: "[concat('westeurope/', 'night')]",
          properties: {
            virtualMachines: [
              {
                id: "[resourceId(variables('group').name, 'Microsoft.Compute/virtualMachines', parameters('names')[1])]",
                ports,
              },
            ],
          },
        },
      },
    }
    const refused = await apply(JSON.stringify(compiled, null, 2), '-g mainWS -l westeurope')
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/standard input:\d+:\d+: the expression .* cannot be computed here/),
    ])
    const { policy: _, ...resources } = compiled.resources
    const made = await apply(JSON.stringify({ ...compiled, resources }), '-g mainWS -l westeurope --check')
    expect([made.exit, made.stdout]).toEqual([
      2,
      '+ policy night  (mainWS/westeurope)\n    + machine web2\n        + 22/TCP  from anywhere  for at most PT1H\n',
    ])
  })

  /** As the compiler writes `[for port in portList: {…}]`, with what makes a template of a machine beside it. */
  const looped = {
    parameters: {
      vm: { type: 'string' },
      location: { type: 'string', defaultValue: '[resourceGroup().location]' },
      password: { type: 'securestring', defaultValue: '[newGuid()]' },
    },
    variables: {
      copy: [
        {
          name: 'ports',
          count: "[length(variables('portList'))]",
          input: {
            number: "[variables('portList')[copyIndex('ports')]]",
            protocol: 'TCP',
            allowedSourceAddressPrefixes: "[union(variables('office'), createArray('192.0.2.7'))]",
            maxRequestAccessDuration: 'PT3H',
          },
        },
      ],
      portList: [3389, 22],
      office: ['10.0.0.0/8'],
      storage: "[concat('st', uniqueString(resourceGroup().id))]",
    },
    resources: [
      { type: 'Microsoft.Compute/virtualMachines', name: "[parameters('vm')]", properties: { x: '[reference(1)]' } },
      {
        type: 'Microsoft.Security/locations/jitNetworkAccessPolicies',
        name: "[format('{0}/{1}', parameters('location'), format('JIT_{0}', parameters('vm')))]",
        kind: 'Basic',
        properties: {
          virtualMachines: [
            {
              id: "[resourceId('Microsoft.Compute/virtualMachines', parameters('vm'))]",
              ports: "[variables('ports')]",
            },
          ],
          requests: [],
        },
      },
    ],
  }
  const LOOPED = '22/TCP  from 10.0.0.0/8, 192.0.2.7  for at most PT3H'

  test('has its loops written out, and may hold what only Azure could compute where no policy uses it', async () => {
    const made = await apply(JSON.stringify(looped), '-g myService1 -l westeurope --parameter vm=web1 --check')
    expect([made.exit, made.stdout]).toEqual([2, expect.stringContaining('policy JIT_web1  (myService1/westeurope)')])
    expect(made.stdout).toContain(LOOPED)
    const { storage } = looped.variables
    const used = { ...looped, variables: { ...looped.variables, office: [storage] } }
    const refused = await apply(JSON.stringify(used), '-g myService1 -l westeurope --parameter vm=web1 --check')
    expect([refused.exit, refused.stderr]).toEqual([
      1,
      expect.stringContaining('the function uniqueString needs Azure'),
    ])
    const itself = { ...looped, variables: { ...looped.variables, portList: "[variables('portList')]" } }
    const { stderr } = await apply(JSON.stringify(itself), '-g myService1 -l westeurope --parameter vm=web1')
    expect(stderr).toContain("'portList' refers to itself")
  })

  const module = (more: object = {}, options: object = { scope: 'inner' }): string =>
    JSON.stringify({
      parameters: { machine: { type: 'string', defaultValue: 'web1' } },
      resources: [
        { type: 'Microsoft.Resources/deployments', properties: { templateLink: { uri: '[whatever()]' } } },
        {
          type: 'Microsoft.Resources/deployments',
          name: 'jit',
          properties: {
            expressionEvaluationOptions: options,
            mode: 'Incremental',
            parameters: { vm: { value: "[parameters('machine')]" }, secret: { value: '[reference(1)]' } },
            template: looped,
          },
          ...more,
        },
      ],
    })

  test('has the policies of its modules too, with the parameters and the group that these are given', async () => {
    const made = await apply(module(), '-g myService1 -l westeurope --check')
    expect([made.exit, made.stdout]).toEqual([2, expect.stringContaining(LOOPED)])
    const elsewhere = module({ resourceGroup: "[toLower('MYSERVICE1')]" })
    const there = await apply(elsewhere.replaceAll('[resourceGroup().location]', 'westeurope'), '-g mainWS --check')
    expect([there.exit, there.stdout]).toEqual([2, expect.stringContaining('policy JIT_web1  (myservice1/westeurope)')])
    const { exit, stderr } = await apply(module({ condition: "[parameters('yes')]" }), '-g myService1 -l westeurope')
    expect([exit, stderr]).toEqual([2, expect.stringContaining("'condition' of a policy cannot be computed here")])
    const outer = await apply(module({}, { scope: 'outer' }), '-g myService1 -l westeurope')
    expect([outer.exit, outer.stderr]).toEqual([2, expect.stringContaining("the parameter 'location' has no value")])
  })

  test('is refused where only Azure could compute it', async () => {
    const { exit, stderr } = await apply(template(NAME, { copy: { name: 'x', count: 3 } }), '-g mainWS -l westeurope')
    expect(exit).toBe(2)
    expect(stderr).toContain("the parameter 'vm' has no value; give one with --parameter vm=VALUE")
    expect(stderr).toContain("'copy' of a policy cannot be computed here")
  })
})

describe('export', () => {
  test.runIf(process.platform === 'linux')(
    'says what stands in the way of its folder, and takes no fault of its own for it',
    async () => {
      for (const dir of ['/dev/null', '/dev/null/policies', '/proc/policies']) {
        const { exit, stderr } = await sp(`export --dir ${dir}`)
        expect([exit, stderr]).toEqual([2, expect.stringContaining(`${dir} cannot be written (`)])
      }
    },
  )

  test('its files are applied without a difference', async () => {
    await apply(TWO)
    const dir = join(folder, 'policies')
    expect((await sp(`export --dir ${dir}`)).exit).toBe(0)
    expect((await readdir(dir)).toSorted()).toEqual(['.policy-file.schema.json', 'databases.yaml', 'default.yaml'])
    expect(await readFile(join(dir, 'default.yaml'), 'utf8')).toMatch(/^# yaml-language-server: \$schema=/)
    expect(await sp(`apply -f ${dir} --check`)).toMatchObject({ exit: 0, stdout: '' })
  })

  test('its JSON, and the API’s own, are taken back too', async () => {
    await apply(TWO)
    for (const line of ['export -o json', 'policy list -o json', 'policy show default -o yaml']) {
      expect(await apply((await sp(line)).stdout, '--check')).toMatchObject({ exit: 0, stdout: '' })
    }
  })

  test('what chooses machines by their labels goes there and back, alone or beside machines, and can be taken away', async () => {
    const alone = `policies:
  - name: prod
    selectors:
      - labels: { env: prod }
        ports: [{ port: 22, protocol: tcp, max: 1h }]
`
    expect(await apply(alone)).toMatchObject({ exit: 0 })
    expect((await sp('policy show prod')).stdout).toMatch(/Chooses: +env=prod/)
    for (const line of ['export', 'export -o json', 'policy show prod -o yaml'])
      expect((await apply((await sp(line)).stdout, '--check')).stdout).toBe('')
    const beside = `${alone}    machines:\n      - machine: web1\n        ports: [{ port: 22, protocol: tcp }]\n`
    expect((await apply(beside)).exit).toBe(0)
    expect((await apply((await sp('export')).stdout, '--check')).stdout).toBe('')
    const without = beside.replace(/ {4}selectors:[^]*(?= {4}machines)/, '')
    expect((await apply(without, '--check')).stdout).toMatch(/^ {4}- machines with env=prod$/m)
    await apply(without)
    expect((await sp('policy show prod -o json')).json.properties.selectors).toBeUndefined()
  })

  test('a selector that is typed is put beside those that are there', async () => {
    await sp('policy set prod --selector env=prod -p 22/tcp,max=1h')
    await sp('policy set prod -m web1 -p 22/tcp')
    await sp('policy set prod --selector tier=web --defaults')
    const { properties } = (await sp('policy show prod -o json')).json
    const labels = properties.selectors.map((selector: { labels: object }) => selector.labels)
    expect([labels, properties.virtualMachines.length]).toEqual([[{ env: 'prod' }, { tier: 'web' }], 1])
    expect((await sp('policy set prod --selector env -p 22/tcp')).stderr).toMatch(/a selector is name=value/)
  })

  test('whatever the policies are, there and back is no difference', async () => {
    await fc.assert(
      fc.asyncProperty(policies, async (written) => {
        const first = await apply(JSON.stringify({ policies: written }))
        expect(first).toMatchObject({ exit: 0 })
        const exported = (await sp('export')).stdout
        expect(await apply(exported, '--check')).toMatchObject({ exit: 0, stdout: '' })
      }),
      { numRuns: 15 },
    )
  })
})

const source = fc.oneof(
  fc.constantFrom('anywhere', '10.0.0.0/8', '203.0.113.7', '2001:db8::/32', '192.0.2.128/25'),
  fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255)).map(([a, b]) => `${a}.${b}.0.0/16`),
)
const port = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom('TCP', 'udp', 'any', '*'),
    from: fc.oneof(source, fc.uniqueArray(source, { minLength: 1, maxLength: 4 })),
    max: fc.integer({ min: 5, max: 24 * 60 }).map((minutes) => `${minutes}m`),
  },
  { requiredKeys: ['port'] },
)
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 4, selector: ({ port: number }) => number })
const policies = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('default', 'night', 'x.y_z-1'),
    machines: fc.uniqueArray(fc.record({ machine: fc.constantFrom('web1', 'web2', 'WEB2', 'db1'), ports }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ machine }) => machine.toLowerCase(),
    }),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name }) => name },
)
