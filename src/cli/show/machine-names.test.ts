import { expect, test } from 'vitest'
import { clientOf } from '../calls/client.ts'
import type { Reply } from '../calls/http-call.ts'
import { machineNames, namesApart } from './machine-names.ts'

const instance = (id: string): string => `/subscriptions/s/resourceGroups/vpc/providers/AWS.EC2/instances/${id}`
const VM = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web1'

/** A server that knows these instances by name, and what it was asked. */
function serverWith(names: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const client = clientOf({ url: 'http://server', bearer: undefined }, (url): Promise<Reply> => {
    const ids = new URL(url).searchParams.get('ids') ?? ''
    asked.push(ids)
    const value = ids.split(',').flatMap((id) => {
      const name = names[id.split('/').at(-1) ?? '']
      return name === undefined ? [] : [{ id, name, policies: [], ports: [], grants: [] }]
    })
    const text = JSON.stringify({ value })
    return Promise.resolve({
      status: 200,
      ok: true,
      headers: { get: () => null },
      body: new Blob([text]).stream(),
      text: () => Promise.resolve(text),
    })
  })
  return { client, asked }
}

test('an instance is called by its name, of several of one name each by its id too, any other machine by the end of its id', async () => {
  const { client } = serverWith({ 'i-0a1': 'web', 'i-0a2': 'web', 'i-0a3': 'db' })
  const ids = ['i-0A1', 'i-0a2', 'i-0a3', 'i-0ff'].map(instance)
  const nameOf = await machineNames({ client, format: 'table' }, [...ids, VM])
  expect([...ids, VM].map(nameOf)).toEqual(['web (i-0A1)', 'web (i-0a2)', 'db', 'i-0ff', 'web1'])
})

test('names are asked for once, and only where there is an instance in a table', async () => {
  const { client, asked } = serverWith({ 'i-0a1': 'web' })
  await machineNames({ client, format: 'table' }, [VM])
  await machineNames({ client, format: 'json' }, [instance('i-0a1')])
  expect(asked).toEqual([])
  for (const id of ['i-0a1', 'i-0a1', 'i-0ff', 'i-0ff']) await machineNames({ client, format: 'table' }, [instance(id)])
  expect(asked).toEqual([instance('i-0a1').toLowerCase(), instance('i-0ff').toLowerCase()])
})

test('of several machines of one name each is told by its group, and where that is the same by its subscription', () => {
  const vm = (subscription: string, group: string, name: string) => ({
    id: `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
    name,
  })
  const all = [vm('s1', 'prod', 'web1'), vm('s1', 'test', 'Web1'), vm('s1', 'test', 'db'), vm('s2', 'test', 'db')]
  const nameOf = namesApart([...all, ...all])
  expect(all.map(({ id }) => nameOf(id.toUpperCase()))).toEqual([
    'web1 (prod)',
    'Web1 (test)',
    'db (test, subscription s1)',
    'db (test, subscription s2)',
  ])
  expect(namesApart(all.slice(0, 1))(all[0]?.id ?? '')).toBe('web1')
  expect(nameOf('bootstrap-token')).toBe('bootstrap-token')
})
