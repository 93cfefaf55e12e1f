/**
 * `login`: signs in to a server and keeps how, as a context. Nothing is kept until the server has said whom it sees, so
 * that a failed login leaves everything as it was.
 */
import { Option, type Command } from 'commander'
import type { Whoami } from '../../contract/installation.ts'
import { UnknownAuthority } from '../calls/certificate-failure.ts'
import { clientOf } from '../calls/client.ts'
import { changeContexts, contextFolder } from '../contexts/context-store.ts'
import { withContext, type Context, type IssuerClient, type SignedIn } from '../contexts/context.ts'
import { makePrivateFolder } from '../contexts/private-file.ts'
import { keepTokens, type Tokens } from '../contexts/token-store.ts'
import { whoAmI } from '../names/directory.ts'
import { withExamples } from '../help/examples.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import { optionsOf, withGlobalOptions, type GlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { isUnguarded, openScreen, type Screen } from '../session.ts'
import { chooseStore } from '../sign-in/choose-store.ts'
import { howToSignIn, type WayOptions } from '../sign-in/how-to-sign-in.ts'
import { loginTarget, type Target } from '../sign-in/login-target.ts'
import { signInSilently } from '../sign-in/sign-in-silently.ts'
import type { SigningIn } from '../sign-in/signing-in.ts'
import { placeOf } from '../sign-in/token-place.ts'
import { trustedAuthority, withShownAuthority } from '../sign-in/trusted-authority.ts'
import { prepareTransport } from '../calls/transport.ts'
import { interruptible } from '../access/wait-for.ts'

interface LoginOptions extends WayOptions, Pick<GlobalOptions, 'server' | 'context' | 'caFile'> {
  readonly device?: boolean
  readonly browser: boolean
  readonly trustCa?: string
  readonly tokenStore?: 'auto' | 'file' | 'keyring'
}

export function addLogin(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program
      .command('login')
      .description('sign in to a server, and work with it from now on')
      .option('--device', 'sign in on another device, by a code')
      .option('--no-browser', 'only print the address to open')
      .option('--service-principal', 'sign in as a program, with --client-id')
      .option('--workload-identity', 'sign in with the token of GitHub, GitLab or Kubernetes, as it is')
      .option('--client-id <id>', 'the program’s client id; also AZURE_CLIENT_ID')
      .option('--client-secret-file <file>', 'a file holding its secret; read again at each sign-in')
      .option('--certificate <file>', 'its certificate and private key, PEM')
      .option('--federated-token-file <file>', 'a token of an issuer that it is federated with')
      .option('--audience <text>', 'for whom GitHub makes its token')
      .option('--issuer <issuer>', 'another issuer than the server’s own, by address or name')
      .option('--scope <scope>', 'what to ask the issuer for, where the server does not say')
      .option('--trust-ca <file>', 'trust this authority for this server: a PEM file, or the SHA256 fingerprint of one')
      .addOption(
        new Option('--token-store <where>', 'where tokens are kept (default: file)').choices([
          'auto',
          'file',
          'keyring',
        ]),
      ),
  )
  addExamples(command)
  command.action(async () => {
    const options = optionsOf(command) as LoginOptions // as defined above
    await login(options, { io, screen: openScreen(command, io) })
  })
}

function addExamples(command: Command): void {
  const line = (rest: string): string => `sallyport login --server https://jit.example.org${rest}`
  withExamples(command, [
    { does: 'in the browser', line: line('') },
    { does: 'on a machine without one', line: line(' --device') },
    { does: 'with a development certificate', line: line(' --trust-ca dev-ca.pem') },
    { does: 'as a program', line: line(' --service-principal --client-id ID --client-secret-file secret.txt') },
    { does: 'in a workflow of GitHub or GitLab', line: line(' --workload-identity') },
    { does: 'again, where you were signed in before', line: 'sallyport login' },
  ])
}

interface Login {
  readonly io: Io
  readonly screen: Screen
}

async function login(options: LoginOptions, { io, screen }: Login): Promise<void> {
  const target = loginTarget(options, io)
  const { server } = target
  if (isUnguarded(server)) {
    throw usageFailure(`${server} is not encrypted: whoever listens would be signed in as you`, 'the same with https')
  }
  makePrivateFolder(contextFolder(placeOf(io))) // before a person types a password for nothing
  const ca = await trustedAuthority({ ...options, server, env: io.env, known: target.ca })
  prepareTransport(ca, io.env)
  try {
    const signedIn = await howToSignIn(options, server, io.env)
    const tokens = await signIn(signedIn, options, { io, screen })
    const me = await whoAmI(clientOf({ url: server, bearer: () => Promise.resolve(tokens.access) }))
    const context = await contextOf({ target, ca, signedIn, me, options, io })
    await keep(context, tokens, io)
    screen.say(`Signed in to ${server} as ${context.account ?? ''} (context ${context.name}).`)
  } catch (error) {
    throw error instanceof UnknownAuthority && error.server === new URL(server).origin
      ? await withShownAuthority(server, error)
      : error
  }
}

/** Only waiting for a person ends with a word of ours at Ctrl-C: before and after it there is nothing to end well. */
async function signIn(signedIn: SignedIn, options: LoginOptions, { io, screen }: Login): Promise<Tokens> {
  if (signedIn.by !== 'person') return signInSilently(signedIn, io)
  return interruptible(io, (signal) =>
    signInPerson(signedIn, options, { io, say: (line) => screen.say(line), signal }).catch((error: unknown) => {
      throw signal.aborted ? new Failure(EXIT.interrupted, 'interrupted before you were signed in') : error
    }),
  )
}

async function signInPerson(
  signedIn: IssuerClient,
  { device, browser }: LoginOptions,
  signingIn: SigningIn,
): Promise<Tokens> {
  if (device === true) {
    const { signInByDevice } = await import('../sign-in/device-sign-in.ts')
    return signInByDevice(signedIn, signingIn)
  }
  const { signInByBrowser } = await import('../sign-in/browser-sign-in.ts')
  return signInByBrowser({ ...signedIn, mayOpenBrowser: browser }, signingIn)
}

interface Parts {
  readonly target: Target
  readonly ca: string | undefined
  readonly signedIn: SignedIn
  readonly me: Whoami
  readonly options: LoginOptions
  readonly io: Io
}

async function contextOf({ target, ca, signedIn, me, options, io }: Parts): Promise<Context> {
  const { name, server, known } = target
  return {
    name,
    server,
    ...(ca === undefined ? {} : { ca }),
    keep: await chooseStore(options.tokenStore ?? known?.keep ?? 'file', placeOf(io)),
    signedIn,
    account: me.name || (me.principals[0] ?? 'nobody in particular'),
  }
}

/** A token file stays where it is. */
async function keep(context: Context, tokens: Tokens, io: Io): Promise<void> {
  if (context.signedIn?.by !== 'token file') await keepTokens(placeOf(io), context, tokens)
  await changeContexts(placeOf(io), (seen) => withContext(seen, context))
}
