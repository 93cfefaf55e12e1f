import { posix, win32 } from 'node:path'
import { expect, test } from 'vitest'
import { cacheFolder } from './cache-folder.ts'

test.each([
  ['linux', posix, {}, '/home/ada', '/home/ada/.cache/sallyport'],
  ['linux', posix, { XDG_CACHE_HOME: '/cache' }, '/home/ada', '/cache/sallyport'],
  ['darwin', posix, {}, '/Users/ada', '/Users/ada/Library/Caches/sallyport'],
  [
    'win32',
    win32,
    { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
    'C:\\Users\\ada',
    'C:\\Users\\ada\\AppData\\Local\\sallyport\\cache',
  ],
  ['win32', win32, {}, 'C:\\Users\\ada', 'C:\\Users\\ada\\AppData\\Local\\sallyport\\cache'],
  ['linux', posix, { NODE_COMPILE_CACHE: '/given' }, '/home/ada', '/given'],
] as const)('compiled code is kept in a folder of the person’s own on %s', (platform, path, env, home, folder) => {
  expect(cacheFolder({ platform, path, env, home })).toBe(folder)
})
