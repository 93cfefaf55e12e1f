import { expect, it } from 'vitest'
import type { HostId } from '../../domain/hosts/host.ts'
import { NO_LINKS } from './open-hosts.ts'
import { withPeers } from './peer-links.ts'

const [ONE, TWO] = ['one', 'two'] as [HostId, HostId] // any texts name hosts here
const soon = (): AbortSignal => AbortSignal.timeout(20)

it('where no other server answers, the next question is not waited for', async () => {
  const asked: string[] = []
  const links = withPeers(NO_LINKS, {
    ask: (about, _question, signal) => {
      asked.push(about)
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('no other server answered in time')))
      })
    },
    answer: () => {},
  })
  await expect(links.logs(ONE, 1, soon())).rejects.toThrow('no other server answered in time')
  await expect(links.logs(TWO, 1, new AbortController().signal)).rejects.toThrow('a moment ago')
  expect(asked).toEqual([ONE])
})

it('that a host did not answer its own server says nothing of others', async () => {
  const links = withPeers(NO_LINKS, {
    ask: (about) => (about === ONE ? Promise.reject(new Error('the agent did not answer')) : Promise.resolve('[]')),
    answer: () => {},
  })
  await expect(links.logs(ONE, 1, soon())).rejects.toThrow('the agent did not answer')
  expect(await links.logs(TWO, 1, soon())).toEqual([])
})

it('what changes something, or a pass judges by, is never asked of another server', async () => {
  const links = withPeers(NO_LINKS, { ask: () => Promise.resolve('[]'), answer: () => {} })
  await expect(links.look(ONE, { scope: 'all', flows: true }, soon())).rejects.toThrow('takes no agents')
  await expect(links.look(ONE, { scope: new Set(), flows: false }, soon())).rejects.toThrow('takes no agents')
})
