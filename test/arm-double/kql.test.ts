import { describe, expect, it } from 'vitest'
import { runQuery, type Row } from './kql.ts'

const ROWS: readonly Row[] = [
  {
    id: '/b',
    type: 'microsoft.network/virtualNetworks',
    properties: {
      flag: true,
      subnets: [
        { id: '/b/1', properties: { addressPrefix: '10.0.0.0/24' } },
        { id: '/b/2', properties: { addressPrefixes: ['10.1.0.0/24'] } },
      ],
    },
  },
  { id: '/a', type: 'microsoft.compute/virtualmachines', properties: { vmId: 'x', subnets: [] } },
  { id: '/c', type: 'microsoft.classiccompute/virtualmachines', properties: {} },
]

const run = (text: string): Row[] => runQuery(text, () => ROWS)

describe('the queries that the double understands', () => {
  it('choose rows by type without regard to case, and order them', () => {
    expect(run("resources\n| where type =~ 'MICROSOFT.Network/virtualnetworks'\n| project id")).toEqual([{ id: '/b' }])
    expect(
      run(
        "resources | where type in~ ('Microsoft.Compute/virtualMachines', 'microsoft.classiccompute/virtualmachines') and isnotempty(properties.vmId) | project name = id",
      ),
    ).toEqual([{ name: '/a' }])
    expect(run('resources | project id | order by id desc').map(({ id }) => id)).toEqual(['/c', '/b', '/a'])
    expect(run("resources | where type == 'x' or id == '/c' | project id")).toEqual([{ id: '/c' }])
    expect(run('resources | take 1 | project id')).toEqual([{ id: '/b' }])
  })

  it('give a row for each item of a list', () => {
    const text = `resources
| where type =~ 'microsoft.network/virtualnetworks'
| mv-expand subnet = properties.subnets
| project id = tostring(subnet.id), network = id, prefixes = iff(isnull(subnet.properties.addressPrefixes), pack_array(subnet.properties.addressPrefix), subnet.properties.addressPrefixes)
| order by id asc`
    expect(run(text)).toEqual([
      { id: '/b/1', network: '/b', prefixes: ['10.0.0.0/24'] },
      { id: '/b/2', network: '/b', prefixes: ['10.1.0.0/24'] },
    ])
  })

  it('keep what is absent apart from what is false', () => {
    expect(
      run(
        'resources | project id, flag = tobool(properties.flag), vm = tostring(properties.vmId), first = properties.subnets[0].id',
      ),
    ).toEqual([
      { id: '/b', flag: true, vm: '', first: '/b/1' },
      { id: '/a', flag: null, vm: 'x', first: null },
      { id: '/c', flag: null, vm: '', first: null },
    ])
  })

  it('are refused by name when they are anything else', () => {
    for (const text of [
      'resources | summarize count() by type',
      'resources | where strlen(id) == 3',
      'resources | project id; x',
      'resources | where id =',
    ])
      expect(() => run(text)).toThrow(expect.objectContaining({ status: 400, code: 'BadRequest' }))
  })
})
