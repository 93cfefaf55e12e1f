/** A double whose time stands still until it is moved, asked without a client in between: for what clients hide. */
import { nsgId, OWNER, securityGroup, TENANT } from './estate.ts'
import { aDouble } from './running-double.ts'
import type { ArmDouble, DoubleInput } from './arm-double.ts'
import type { Program } from './directory.ts'
import type { DoubleResponse } from './wire.ts'

export interface SentAnswer extends DoubleResponse {
  /** The body; tests look into it without declaring its shape. */
  readonly json: ReturnType<typeof JSON.parse>
}

export interface StandingDouble {
  readonly time: { now: number }
  readonly double: ArmDouble
  readonly send: (method: string, path: string, body?: unknown) => SentAnswer
}

export function standingDouble(input: Partial<DoubleInput> = {}, program: Program = OWNER): StandingDouble {
  const time = { now: Date.UTC(2026, 10, 21) }
  const double = aDouble({ clock: { now: () => time.now }, programs: [program], ...input })
  double.place(securityGroup('web', []))
  const token = tokenOf(double, program)
  return {
    time,
    double,
    send: (method, path, body) => {
      const url = `https://arm.double${path}${path.includes('?') ? '&' : '?'}api-version=2024-05-01`
      const headers = { authorization: `Bearer ${token}` }
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      const { response } = double.handle({ method, url, headers, ...text })
      if (response === undefined) throw new Error(`no answer to ${method} ${path}`)
      return { ...response, json: JSON.parse(response.body ?? 'null') }
    },
  }
}

/** A write that changes nothing but the ETag. */
export const EMPTY_GROUP = { location: 'westeurope', properties: { securityRules: [] } }
export const WEB = nsgId('web')

function tokenOf(double: ArmDouble, { clientId, secret = '' }: Program): string {
  const body = new URLSearchParams({ client_id: clientId, client_secret: secret }).toString()
  const { response } = double.handle({
    method: 'POST',
    url: `https://arm.double/${TENANT}/oauth2/v2.0/token`,
    headers: {},
    body,
  })
  const { access_token: token } = JSON.parse(response?.body ?? '{}')
  return String(token)
}
