import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { expect, test } from 'vitest'
import { writeReadyFile } from './ready-file.ts'

test('the ready file of a server with a relative data folder is of use in every folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-ready-${process.pid}-`))
  try {
    const file = join(folder, 'ready.json')
    const place = { subscriptionId: 's', resourceGroup: 'g', location: 'l' }
    const url = 'https://127.0.0.1:1'
    const files = { caFile: 'data/tls/dev-ca.pem', certFile: 'tls/cert.pem', adminTokenFile: 'data/admin-token' }
    await writeReadyFile(file, { ...place, url, httpsUrl: url, agentUrl: null, certName: 'jit.example.org', ...files })
    const ready: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
    expect([ready['caFile'], ready['certFile'], ready['adminTokenFile']].map((path = '') => isAbsolute(path))).toEqual([
      true,
      true,
      true,
    ])
    const none = { httpsUrl: null, agentUrl: null, caFile: null, certFile: null, certName: null, adminTokenFile: null }
    await writeReadyFile(file, { ...place, url, ...none })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(none)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
