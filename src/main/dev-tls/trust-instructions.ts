/** How people let their machines and programs trust the development authority. For a terminal; docs/operate/who-calls.md has the same. */

export function trustInstructions(file: string): string {
  const system = [
    ['Debian, Ubuntu', `cp ${file} ${DEBIAN} && update-ca-certificates`],
    ['Fedora, RHEL', `cp ${file} ${FEDORA} && update-ca-trust`],
    ['macOS', `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${FILE}`],
    [
      'Windows',
      `Import-Certificate ${FILE} -CertStoreLocation Cert:\\LocalMachine\\Root   (PowerShell, as administrator)`,
    ],
  ] as const
  const programs = [
    ['curl', `--cacert ${FILE}`],
    ['sallyport, Node.js', `NODE_EXTRA_CA_CERTS=${FILE}`],
    ['az, Python', `REQUESTS_CA_BUNDLE=${FILE}`],
    ['Firefox', 'Settings, Certificates, View Certificates, Authorities, Import'],
    ['Chrome on Linux', `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n sallyport -i ${FILE}`],
  ] as const
  return [
    `HTTPS is served with a certificate of this installation's own authority:`,
    `  ${file}`,
    `Copy it to the machines that call this one, compare its fingerprint, and let them trust it:`,
    ...table(system),
    `or one program alone:`,
    ...table(programs),
    '',
  ].join('\n')
}

const FILE = 'dev-ca.pem'
const DEBIAN = '/usr/local/share/ca-certificates/sallyport-dev-ca.crt'
const FEDORA = '/etc/pki/ca-trust/source/anchors/sallyport-dev-ca.pem'

function table(rows: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, how]) => `  ${name.padEnd(widest)}  ${how}`)
}
