import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.ts'
import { certificateName } from './certificate-name.ts'

describe('a certificate that the server was given is known by', () => {
  it.each([
    ['the address that clients here use, where it is for that', 'DNS:jit.example.org,IP:127.0.0.1', '127.0.0.1'],
    ['what the server is called, where it is for that', 'DNS:other.example.org,DNS:jit.example.org', 'jit.example.org'],
    ['its own name, where it is for another', 'DNS:other.example.org', 'other.example.org'],
    ['its own address, where it has no name', 'IP:192.0.2.7', '192.0.2.7'],
    ['a name under it, where it is for all of a domain', 'DNS:*.example.com', 'sallyport.example.com'],
    ['its common name, where it has no other', 'email:a@example.org', 'by-common-name'],
  ])('%s', (_, names, expected) => {
    const { cert } = makeCertificate('by-common-name', names)
    expect(certificateName(cert, ['127.0.0.1', 'jit.example.org'])).toBe(expected)
  })
})
