import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type StubClone, stubClone } from './clone/stub-clone.ts'

describe('bin/sallyport', () => {
  it('builds the program the first time, and prints nothing of its own on standard output', async () => {
    using clone = stubClone()
    expect(await clone.run('bin/sallyport', { args: ['machine', 'a b'] })).toEqual({
      status: 0,
      stdout: 'ran machine a b\n',
      stderr: 'built\n',
    })
  })

  it('does not build again while no source is newer, and does when one is', async () => {
    using clone = stubClone()
    await clone.run('bin/sallyport')
    expect(await clone.run('bin/sallyport')).toMatchObject({ stdout: 'ran\n', stderr: '' })
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(clone.folder, 'src/main/sallyport.ts'), later, later)
    expect(await clone.run('bin/sallyport')).toMatchObject({ stdout: 'ran\n', stderr: 'built\n' })
  })

  it('finds its clone through a symbolic link', async () => {
    using clone = stubClone()
    mkdirSync(join(clone.folder, 'scratch/links'))
    symlinkSync('../../bin/sallyport', join(clone.folder, 'scratch/links/sp'))
    expect(await clone.run('scratch/links/sp')).toMatchObject({ status: 0, stdout: 'ran\n' })
  })

  it('says what to run when node_modules is missing', async () => {
    using clone = stubClone()
    rmSync(join(clone.folder, 'node_modules'), { recursive: true })
    expect(await clone.run('bin/sallyport')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/script\/demo, or: .*npm ci/),
    })
  })

  it('does not run an old program when the build fails', async () => {
    using clone = stubClone()
    clone.write('dist/sallyport.js', 'console.log("old")')
    const old = new Date(0)
    utimesSync(join(clone.folder, 'dist/sallyport.js'), old, old)
    clone.write('script/build.ts', 'process.exit(1)')
    expect(await clone.run('bin/sallyport')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('could not be built'),
    })
  })
})

/** A vitest that ends as told. */
function vitestSays(clone: StubClone, { passed, failed, status }: { passed: number; failed: number; status: number }) {
  const report = JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0 })
  clone.stub(
    'vitest',
    `for it; do case "$it" in --outputFile.json=*) echo '${report}' >"\${it#*=}" ;; esac; done; exit ${status}`,
  )
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1)
}

describe('script/test', () => {
  it('ends with one line that counts the tests and the five steps', async () => {
    using clone = stubClone()
    vitestSays(clone, { passed: 10, failed: 0, status: 0 })
    const { status, stdout, stderr } = await clone.run('script/test')
    expect(lastLine(stdout), stderr).toBe('Tests: 15 passed, 0 failed')
    expect(status).toBe(0)
  })

  it.each([
    ['the gates', 'check', 'Tests: 14 passed, 1 failed'],
    ['the simulation', 'simulate', 'Tests: 14 passed, 1 failed'],
  ])('goes on and exits non-zero when %s fail', async (_title, failing, line) => {
    using clone = stubClone()
    vitestSays(clone, { passed: 10, failed: 0, status: 0 })
    const { status, stdout } = await clone.run('script/test', { failing })
    expect(lastLine(stdout)).toBe(line)
    expect(status).toBe(1)
  })

  it('counts failed tests, and a test file that does not load as one', async () => {
    using clone = stubClone()
    vitestSays(clone, { passed: 8, failed: 2, status: 1 })
    expect(await clone.run('.ci/run')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^Tests: 13 passed, 2 failed$/m),
    })
    vitestSays(clone, { passed: 10, failed: 0, status: 1 })
    expect(await clone.run('.ci/run')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^Tests: 15 passed, 1 failed$/m),
    })
    clone.stub('vitest', 'exit 1')
    expect(await clone.run('.ci/run')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^Tests: 5 passed, 1 failed$/m),
    })
  })

  it('leaves nothing in the temporary folder', async () => {
    using clone = stubClone()
    vitestSays(clone, { passed: 10, failed: 0, status: 0 })
    await clone.run('script/test')
    expect(readdirSync(join(clone.folder, 'scratch'))).toEqual([])
  })
})

describe('script/demo', () => {
  it('with --json prints only the JSON on standard output', async () => {
    using clone = stubClone()
    expect(await clone.run('script/demo', { args: ['--json'] })).toMatchObject({ status: 0, stdout: '{"ok":true}\n' })
  })

  it('runs npm ci when the lock file is newer than node_modules, and not otherwise', async () => {
    using clone = stubClone()
    expect((await clone.run('script/demo')).stderr).not.toContain('npm ci')
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(clone.folder, 'package-lock.json'), later, later)
    expect((await clone.run('script/demo')).stderr).toContain('npm ci')
  })

  it('stops when the installed Node.js is not the pinned one', async () => {
    using clone = stubClone()
    clone.write('package.json', `{\n  "node": "1.2.3"\n}\n`)
    expect(await clone.run('script/demo')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('should be Node.js v1.2.3'),
    })
  })

  it('says what it installs and why before it calls apt-get', async () => {
    using clone = stubClone()
    clone.stub('ldconfig', 'exit 0')
    const { status, stderr } = await clone.run('script/demo')
    expect(stderr).toMatch(
      /libnftables1: the same firewall as a library[^]*apt-get was called[^]*could not install: libnftables1/,
    )
    expect(status).toBe(1)
  })
})
