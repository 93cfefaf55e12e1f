import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.ts'
import { readGivenCertificate } from './given-certificate.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-given-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

test('a certificate and its key are taken; what cannot be used is told by its option, its file and the reason', async () => {
  const [mine, other] = [makeCertificate(), makeCertificate()]
  const tlsCert = written('cert.pem', mine.cert)
  const tlsKey = written('key.pem', mine.key)
  expect(await readGivenCertificate({ tlsCert, tlsKey })).toEqual({ cert: mine.cert, key: mine.key })
  const wrong = async (place: { tlsCert?: string; tlsKey?: string }): Promise<string> =>
    readGivenCertificate({ tlsCert, tlsKey, ...place }).then(
      () => 'taken',
      (cause: unknown) => String(cause),
    )
  const nowhere = join(folder, 'nowhere.pem')
  expect(await wrong({ tlsCert: nowhere })).toContain(`--tls-cert ${nowhere} cannot be read (it does not exist)`)
  expect(await wrong({ tlsKey: folder })).toContain(`--tls-key ${folder} cannot be read (it is a folder)`)
  const junk = written('junk.pem', 'hello')
  expect(await wrong({ tlsCert: junk })).toContain(`--tls-cert ${junk} holds no certificate that can be used`)
  expect(await wrong({ tlsKey: junk })).toContain(`--tls-key ${junk} holds no private key that can be used`)
  const others = written('others.pem', other.key)
  expect(await wrong({ tlsKey: others })).toContain(
    `--tls-key ${others} is not the key of the certificate in ${tlsCert}`,
  )
})
