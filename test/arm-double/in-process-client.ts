/**
 * The double as an `HttpClient` of the SDKs' pipeline: no socket, and its waits are timers, so that a simulation that
 * owns the timers owns its time too.
 */
import {
  createHttpHeaders,
  RestError,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline'
import type { ArmDouble } from './arm-double.ts'

export function inProcessClient(double: ArmDouble): HttpClient {
  return {
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      if (request.abortSignal?.aborted === true) throw new DOMException('the call was aborted', 'AbortError')
      const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value]))
      const body = typeof request.body === 'string' ? { body: request.body } : {}
      const { response, after } = double.handle({ method: request.method, url: request.url, headers, ...body })
      if (after > 0) await new Promise((resolve) => setTimeout(resolve, after))
      if (response === undefined)
        throw new RestError('the connection was lost', { code: RestError.REQUEST_SEND_ERROR, request })
      const answered = { request, status: response.status, headers: createHttpHeaders(response.headers) }
      return response.body === undefined ? answered : { ...answered, bodyAsText: response.body }
    },
  }
}
