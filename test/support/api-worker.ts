/** Runs where the server is, and calls it as its administrator. */
import { serveRemote } from './remote.ts'
import type { Reply } from './reply.ts'

export interface Api {
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Reply>
}

const [url = '', token = ''] = process.argv.slice(2)

serveRemote<Api>({
  call: async (method, path, body, more = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more }
    const answer = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  },
})
