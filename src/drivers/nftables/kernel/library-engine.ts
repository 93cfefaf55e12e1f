/**
 * The engine of choice: libnftables in this process, by FFI. A small transaction costs less than handing it to another
 * thread, so it runs at once; a big one runs on a thread, so that it does not hold up the event loop.
 *
 * The library's own netlink socket is found and marked close-on-exec: a child that inherited it would keep an owned
 * table owned after this process died.
 */
import koffi, { type KoffiFunc } from 'koffi'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { NftError, type NftEngine, type Weight } from './engine.ts'
import { closeOnExec, netlinkPortId } from './libc.ts'
import { createOneAtATime, type OneAtATime } from './one-at-a-time.ts'
import { firstLines } from './process-engine.ts'

/** nftables/libnftables.h */
const OUTPUT_STATELESS = 1 << 2
const OUTPUT_TERSE = 1 << 11
const DEBUG_NETLINK = 0x8

type Context = object

interface Library {
  readonly contextNew: (flags: number) => Context | null
  readonly contextFree: (context: Context) => void
  readonly bufferOutput: (context: Context) => number
  readonly bufferError: (context: Context) => number
  readonly output: (context: Context) => string
  readonly error: (context: Context) => string
  readonly setOutputFlags: (context: Context, flags: number) => void
  readonly setDebug: (context: Context, flags: number) => void
  readonly setDryRun: (context: Context, dry: boolean) => void
  readonly run: KoffiFunc<(context: Context, text: string) => number>
}

/** Throws when the library cannot be loaded. */
export function createLibraryEngine(file = 'libnftables.so.1'): NftEngine {
  const library = loadLibrary(file)
  const before = new Set(sockets())
  const context = library.contextNew(0)
  if (context === null) throw new NftError('expected a libnftables context, got none; is netlink available?')
  const fd = sockets().find((candidate) => !before.has(candidate))
  if (fd !== undefined) closeOnExec(fd)
  library.bufferOutput(context)
  library.bufferError(context)
  let isClosed = false
  // Whatever comes after the end must not touch what was freed.
  const line = createOneAtATime()
  const queue: OneAtATime = {
    run: (task) =>
      line.run(() => {
        if (isClosed) throw new NftError('the way to the kernel is closed; the process is stopping')
        return task()
      }),
  }

  return {
    name: 'libnftables',
    lead: 0,
    apply: (text, weight) =>
      queue.run(async () => {
        await run({ library, context, text, weight })
        library.output(context) // taking it empties the buffer
      }),
    compile: (text) => queue.run(() => compile(library, context, text)),
    list: () => queue.run(() => list(library, context)),
    ...(fd === undefined
      ? {}
      : { socket: { portId: () => netlinkPortId(fd), run: (task) => queue.run(() => task(fd)) } }),
    // A transaction on a thread is told under the thread's id.
    isOwnProcess: (id) => existsSync(`/proc/self/task/${id}`),
    close: async () => {
      await line.run(() => {
        if (!isClosed) library.contextFree(context)
        isClosed = true
      })
    },
  }
}

async function compile(library: Library, context: Context, text: string): Promise<string> {
  library.setDryRun(context, true)
  library.setDebug(context, DEBUG_NETLINK)
  try {
    await run({ library, context, text, weight: 'heavy' })
    return library.output(context)
  } finally {
    library.setDebug(context, 0)
    library.setDryRun(context, false)
  }
}

async function list(library: Library, context: Context): Promise<string> {
  library.setOutputFlags(context, OUTPUT_TERSE | OUTPUT_STATELESS)
  library.setDebug(context, DEBUG_NETLINK)
  try {
    await run({ library, context, text: 'list ruleset', weight: 'heavy' })
    return library.output(context)
  } finally {
    library.setDebug(context, 0)
    library.setOutputFlags(context, 0)
  }
}

interface Run {
  readonly library: Library
  readonly context: Context
  readonly text: string
  readonly weight: Weight
}

async function run({ library, context, text, weight }: Run): Promise<void> {
  const code = weight === 'light' ? library.run(context, text) : await runOnThread(library, context, text)
  const error = library.error(context)
  if (code !== 0) {
    library.output(context)
    throw new NftError(`the kernel refused a transaction: ${firstLines(error)}`)
  }
}

async function runOnThread(library: Library, context: Context, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    library.run.async(context, text, (error: Error | null, code) => (error === null ? resolve(code) : reject(error)))
  })
}

/** The descriptors of this process that are sockets: the one that is new is the library's. */
function sockets(): number[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => isSocket(fd))
    .map(Number)
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
  } catch {
    return false // the descriptor that read the folder is gone by now
  }
}

function loadLibrary(file: string): Library {
  const library = koffi.load(file)
  return {
    contextNew: library.func('void *nft_ctx_new(uint32_t flags)'),
    contextFree: library.func('void nft_ctx_free(void *context)'),
    bufferOutput: library.func('int nft_ctx_buffer_output(void *context)'),
    bufferError: library.func('int nft_ctx_buffer_error(void *context)'),
    output: library.func('const char *nft_ctx_get_output_buffer(void *context)'),
    error: library.func('const char *nft_ctx_get_error_buffer(void *context)'),
    setOutputFlags: library.func('void nft_ctx_output_set_flags(void *context, uint32_t flags)'),
    setDebug: library.func('void nft_ctx_output_set_debug(void *context, uint32_t flags)'),
    setDryRun: library.func('void nft_ctx_set_dry_run(void *context, bool dry)'),
    run: library.func('int nft_run_cmd_from_buffer(void *context, const char *text)'),
  }
}
