/** How people let their machines and programs trust the development authority. For a terminal; docs/operate/who-calls.md has the same. */
import { X509Certificate } from 'node:crypto'

/** `pem`: of the authority, whose fingerprint people compare after they have copied the file. */
export function trustInstructions(file: string, pem: string): string {
  return [
    `HTTPS is served with a certificate of this installation's own authority:`,
    `  ${file}`,
    `  SHA-256 ${new X509Certificate(pem).fingerprint256}`,
    `Copy the file to the machines that call this one (openssl x509 -in ${FILE} -noout -fingerprint -sha256 compares), then there:`,
    ...table(SYSTEMS),
    `or for one program alone:`,
    ...table(PROGRAMS),
    '',
  ].join('\n')
}

const FILE = 'dev-ca.pem'

const SYSTEMS = [
  [
    'Debian, Ubuntu',
    `sudo cp ${FILE} /usr/local/share/ca-certificates/sallyport-dev-ca.crt && sudo update-ca-certificates`,
  ],
  ['Fedora, RHEL', `sudo cp ${FILE} /etc/pki/ca-trust/source/anchors/sallyport-dev-ca.pem && sudo update-ca-trust`],
  ['macOS', `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${FILE}`],
  [
    'Windows',
    `Import-Certificate ${FILE} -CertStoreLocation Cert:\\LocalMachine\\Root   (PowerShell, as administrator)`,
  ],
] as const

const PROGRAMS = [
  ['curl', `--cacert ${FILE}`],
  ['sallyport', `--ca-file ${FILE}`],
  ['Node.js', `NODE_EXTRA_CA_CERTS=${FILE}`],
  ['az, Python', `REQUESTS_CA_BUNDLE=${FILE}`],
  ['Firefox', 'Settings, Certificates, View Certificates, Authorities, Import'],
  ['Chrome on Linux', `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n sallyport -i ${FILE}`],
] as const

function table(rows: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, how]) => `  ${name.padEnd(widest)}  ${how}`)
}
