/**
 * A name that a certificate is for. Programs on this machine reach the server by an address that a certificate of somebody's
 * own seldom names; told the name by the ready file, they check the certificate for that one instead of for no name at all.
 */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** One of `wanted` where it is for one, else its first; undefined for a certificate that is for nothing. `pem`: its own first. */
export function certificateName(pem: string, wanted: readonly string[]): string | undefined {
  const certificate = new X509Certificate(pem)
  return [...wanted, ...namesOn(certificate)].find((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name),
  )
}

/** Whatever stands for the star is one of its names. */
function namesOn({ subjectAltName = '', subject }: X509Certificate): string[] {
  const others = [...subjectAltName.matchAll(/(?:DNS|IP Address):([\w.:*-]+)/g)].map(([, name = '']) => name)
  const common = /^CN=(.+)$/m.exec(subject)?.[1] // where there is no other: RFC 6125 §6.4.4
  return [...others, ...(common === undefined ? [] : [common])].map((name) => name.replace(/^\*\./, 'sallyport.'))
}
