/** Which policies code looks after, so that a person who changes one by hand knows that the code will undo it. Reads only. */
import type { WirePolicy } from '../../contract/policy.ts'
import { having, type Reader } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'
import type { Session } from '../session.ts'

/** More than a person looks through. */
const MANY = 100_000

const asOwnPolicy: Reader<WirePolicy> = (body) => having(body, 'id', 'virtualMachines', 'etag') as WirePolicy // by contract

export async function ownPolicies(client: Client): Promise<WirePolicy[]> {
  return (await client.list({ path: '/api/v1/policies' }, MANY, asOwnPolicy)).items
}

/** `sallyport-apply github.com/acme/access`; nothing for what nobody manages. */
export function ownerText({ managedBy }: WirePolicy): string {
  if (managedBy === undefined) return ''
  const owner = [managedBy.tool, managedBy.source].filter((text) => text !== undefined).join(' ')
  return managedBy.changedOutsideAt === undefined ? owner : `${owner}, changed outside`
}

export async function warnIfManaged(id: string, session: Session): Promise<void> {
  const policy = (await ownPolicies(session.client)).find((one) => one.id.toLowerCase() === id.toLowerCase())
  if (policy?.managedBy === undefined) return
  session.say(
    `Policy ${policy.name} is managed by ${ownerText(policy)}, which will undo this when it is applied again.`,
  )
}
