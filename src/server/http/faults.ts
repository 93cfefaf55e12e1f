/**
 * What becomes of everything that is not an answer: input that the HTTP layer refuses, and faults. A fault is logged with
 * its cause and told with a correlation id alone; nothing from inside ever reaches the caller.
 */
import type { Log } from '../../app/app.ts'
import { refusal, withFacts, type Refusal } from '../../domain/refusal.ts'
import { LARGEST_BODY } from './limits.ts'

/** https://fastify.dev/docs/latest/Reference/Errors/ */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: refusal(
    'UnsupportedMediaType',
    "The content media type is not supported. Send JSON with 'Content-Type: application/json'.",
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: refusal(
    'RequestEntityTooLarge',
    `The request content is too large; at most ${LARGEST_BODY} bytes are taken. Send several smaller requests.`,
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refusal(
    'InvalidRequestContent',
    "The request content is not as long as 'Content-Length' says.",
  ),
  FST_ERR_BAD_URL: refusal('InvalidUrl', 'The URL is not well formed; percent-encode what is not a letter or digit.'),
  FST_ERR_MAX_PARAM_LENGTH: refusal('RequestUriTooLong', 'A segment of the path is longer than any name can be.'),
}

/** Undefined when it is a fault: an error of ours that happens to carry a status is still a fault. */
export function refusalFromHttp(error: unknown): Refusal | undefined {
  const { code = '', statusCode, message } = factsOf(error)
  if (Object.hasOwn(REFUSALS, code)) return REFUSALS[code]
  const refusedByParser = error instanceof SyntaxError && statusCode === 400
  if (refusedByParser || code === 'FST_ERR_CTP_INVALID_JSON_BODY') return invalidJson(message)
  const refusedByFastify = code.startsWith('FST_ERR_') && statusCode >= 400 && statusCode < 500
  return refusedByFastify ? refusal('BadRequest', 'The request could not be read.') : undefined
}

function invalidJson(reason: string): Refusal {
  return refusal(
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${reason.slice(0, 200)}'.`,
  )
}

interface Facts {
  readonly code: string | undefined
  readonly statusCode: number
  readonly message: string
}

function factsOf(error: unknown): Facts {
  const { code, statusCode, message } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Facts> // read below with care
  return {
    code: typeof code === 'string' ? code : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
    message: typeof message === 'string' ? message : '',
  }
}

export function faultRefusal(
  log: Log,
  error: unknown,
  where: { readonly correlation: string; readonly path: string },
): Refusal {
  log.error({ err: error, ...where }, 'a request failed')
  const { correlation } = where
  const message = `Internal server error has occurred. The server's log has the reason under correlation id '${correlation}'.`
  return withFacts(refusal('InternalServerError', message), { correlation })
}
