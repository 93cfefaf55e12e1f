/**
 * A program signs in: by its secret, by a signature with its certificate's key (RFC 7523), or by a token of another
 * issuer that it is federated with. Secret and key are read from their files and go nowhere but into the proof.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { ClientAuth } from 'openid-client'
import type { IssuerClient, Proof } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { atIssuer, openIssuer, tokensFrom, type Oidc } from './oidc.ts'
import { foreignToken, readFile } from './read-proof.ts'

export interface ProgramSignIn extends IssuerClient {
  readonly proof: Proof
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export async function signInAsProgram(signIn: ProgramSignIn, io: Pick<Io, 'env' | 'now'>): Promise<Tokens> {
  const { proof, issuer, scope } = signIn
  const auth = await authOf(proof)
  const assertion = await foreignToken(proof, io.env)
  const { oidc, config } = await openIssuer(signIn, auth === undefined ? {} : { auth })
  const parameters = {
    scope: forProgram(scope),
    ...(assertion === undefined ? {} : { client_assertion_type: ASSERTION, client_assertion: assertion }),
  }
  return tokensFrom(await atIssuer(issuer, () => oidc.clientCredentialsGrant(config, parameters)), io.now())
}

/** Scopes that speak of a person mean nothing for a program, and Entra ID refuses them. */
function forProgram(scope: string): string {
  return scope
    .split(' ')
    .filter((word) => !['openid', 'profile', 'email', 'offline_access'].includes(word))
    .join(' ')
}

async function authOf(proof: Proof): Promise<((oidc: Oidc) => ClientAuth) | undefined> {
  if (proof.kind === 'secret') {
    const secret = readFile(proof.file).trim()
    return (oidc) => oidc.ClientSecretPost(secret)
  }
  if (proof.kind === 'certificate') return certificateAuth(proof.file)
  return undefined
}

async function certificateAuth(file: string): Promise<(oidc: Oidc) => ClientAuth> {
  const { certificate, pkcs8, algorithm } = keyIn(file)
  const { importPKCS8 } = await import('jose')
  const key = await importPKCS8(pkcs8, algorithm)
  if (!('algorithm' in key)) throw new Failure(EXIT.notSignedIn, `${file} holds a key that cannot sign`)
  const print = (hash: string): string => createHash(hash).update(certificate.raw).digest('base64url')
  return (oidc) =>
    oidc.PrivateKeyJwt(key, {
      // RFC 7515 §4.1.7: Entra ID and our own issuer find the certificate by its thumbprints.
      [oidc.modifyAssertion]: (header) =>
        void Object.assign(header, { x5t: print('sha1'), 'x5t#S256': print('sha256') }),
    })
}

function keyIn(file: string): { certificate: X509Certificate; pkcs8: string; algorithm: string } {
  const text = readFile(file)
  try {
    const certificate = new X509Certificate(text)
    const key = createPrivateKey(text)
    if (!certificate.checkPrivateKey(key)) throw new Error('the key in it belongs to another certificate')
    const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString()
    return { certificate, pkcs8, algorithm: key.asymmetricKeyType === 'ec' ? 'ES256' : 'PS256' }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(EXIT.notSignedIn, `${file} should hold a certificate and its private key, both PEM: ${why}`, {
      cause,
    })
  }
}
