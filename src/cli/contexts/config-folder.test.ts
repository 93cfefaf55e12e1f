import { expect, test } from 'vitest'
import { configFolder } from './config-folder.ts'

test.each([
  ['linux', { HOME: '/home/ada' }, '/home/ada/.config/sallyport'],
  ['linux', { HOME: '/home/ada', XDG_CONFIG_HOME: '/etc/ada' }, '/etc/ada/sallyport'],
  ['linux', { HOME: '/home/ada', XDG_CONFIG_HOME: 'relative' }, '/home/ada/.config/sallyport'],
  ['darwin', { HOME: '/Users/ada' }, '/Users/ada/Library/Application Support/sallyport'],
  ['win32', { APPDATA: String.raw`C:\Users\ada\AppData\Roaming` }, String.raw`C:\Users\ada\AppData\Roaming\sallyport`],
  ['win32', { USERPROFILE: String.raw`C:\Users\ada` }, String.raw`C:\Users\ada\AppData\Roaming\sallyport`],
  ['linux', { HOME: '/home/ada', SALLYPORT_CONFIG_DIR: '/elsewhere' }, '/elsewhere'],
  ['linux', {}, undefined],
])('on %s with %o a person’s contexts are in %s', (platform, env, folder) => {
  expect(configFolder({ platform, env })).toBe(folder)
})
