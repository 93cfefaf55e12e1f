/** `service-principal add-secret`, `add-certificate`, `add-federated` and `remove-credential`. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { EXIT } from '../../exit-codes.ts'
import { withExamples } from '../../help/examples.ts'
import { Failure } from '../../failure.ts'
import { showFacts } from '../../show/facts.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asAddedCredential, asProgram, findProgram, PROGRAMS } from '../../names/identity.ts'
import type { Io } from '../../io.ts'
import { openSession, type Session } from '../../session.ts'
import { formatWireTime } from '../../times.ts'
import { PROGRAM_COLUMNS } from './list.ts'
import { systemReason } from '../../system-reason.ts'

const WHICH = 'name, object id or client id'

export function addServicePrincipalCredentials(group: Command, io: Io): void {
  addSecret(group, io)
  addCertificate(group, io)
  addFederated(group, io)
  addRemoveCredential(group, io)
}

function addSecret(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('add-secret')
      .description('make a secret and show it, once')
      .argument('<service-principal>', WHICH)
      .option('--days <number>', 'how long it lives', '365'),
  )
  withExamples(command, [{ does: 'for three months', line: 'sallyport service-principal add-secret deploy --days 90' }])
  command.action(async (typed: string, { days }: { readonly days: string }) => {
    await add(openSession(command, io), typed, { kind: 'secret', days: Number(days) })
  })
}

function addCertificate(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('add-certificate')
      .description('trust what is signed with a certificate’s key')
      .argument('<service-principal>', WHICH)
      .argument('<file>', 'the certificate, PEM; a private key in it stays here'),
  )
  withExamples(command, [{ does: 'from a file', line: 'sallyport service-principal add-certificate deploy cert.pem' }])
  command.action(async (typed: string, file: string) => {
    await add(openSession(command, io), typed, { kind: 'certificate', pem: await certificateIn(file) })
  })
}

/** Azure's files hold the key too; it must not leave this machine. */
async function certificateIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Failure(EXIT.usage, `${file} cannot be read (${systemReason(cause)})`, { cause })
  })
  const [certificate] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text) ?? []
  if (certificate !== undefined) return certificate
  throw new Failure(EXIT.usage, `${file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`)
}

interface Federation {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly days: string
}

function addFederated(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('add-federated')
      .description('trust tokens of another issuer, such as a CI system, for one subject')
      .argument('<service-principal>', WHICH)
      .requiredOption('--issuer <url>', 'the iss of its tokens')
      .requiredOption('--subject <text>', 'the sub of its tokens')
      .option('--audience <text>', 'the aud of its tokens', 'api://AzureADTokenExchange')
      .option('--days <number>', 'how long it lives', '365'),
  )
  const issuer = 'https://token.actions.githubusercontent.com'
  const line = `sallyport service-principal add-federated deploy --issuer ${issuer} --subject repo:acme/app:ref:refs/heads/main`
  withExamples(command, [{ does: 'a workflow on one branch', line }])
  command.action(async (typed: string, { days, ...federation }: Federation) => {
    const { issuer, subject, audience } = federation
    await add(openSession(command, io), typed, { kind: 'federated', issuer, subject, audience, days: Number(days) })
  })
}

async function add(session: Session, typed: string, body: object): Promise<void> {
  const { id } = await findProgram(session.client, typed)
  const answer = await session.client.call({ method: 'POST', path: `${PROGRAMS}/${id}/credentials`, body })
  const added = asAddedCredential(answer.body)
  const { servicePrincipal, credential, secret, tenant } = added
  if (session.format !== 'table') return session.show({ data: added, rows: [added], columns: ADDED_COLUMNS })
  showFacts(session, [
    ['Client id', servicePrincipal.appId],
    ['Tenant', tenant],
    ['Credential', `${credential.kind} ${credential.id}`],
    ['Ends', formatWireTime(credential.endsAt, session.view)],
    ['Secret', secret],
  ])
  if (secret !== undefined) session.say('The secret is shown this once; only its hash is kept.')
  return undefined
}

type Added = ReturnType<typeof asAddedCredential>

const ADDED_COLUMNS = [
  { title: 'CLIENT ID', text: ({ servicePrincipal }: Added) => servicePrincipal.appId },
  { title: 'TENANT', text: ({ tenant }: Added) => tenant },
  { title: 'SECRET', text: ({ secret }: Added) => secret ?? '' },
]

function addRemoveCredential(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove-credential')
      .description('remove a credential: what it proved is proven no more')
      .argument('<service-principal>', WHICH)
      .argument('<credential>', 'its id; see `service-principal list -o json`'),
  )
  withExamples(command, [
    {
      does: 'by its id',
      line: 'sallyport service-principal remove-credential deploy 0199a0b2-0000-7000-8000-000000000000',
    },
  ])
  command.action(async (typed: string, credential: string) => {
    const session = openSession(command, io)
    const { id } = await findProgram(session.client, typed)
    const path = `${PROGRAMS}/${id}/credentials/${credential}`
    const changed = asProgram((await session.client.call({ method: 'DELETE', path })).body)
    await session.show({ data: changed, rows: [changed], columns: PROGRAM_COLUMNS })
  })
}
