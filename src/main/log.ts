/** The log: JSON lines on standard error, a constant message plus fields. */
import { pino, stdSerializers } from 'pino'
import type { Log } from '../app/app.ts'
import type { Config } from './config/config.ts'

export function createLog(level: Config['logLevel']): Log {
  const log = pino({ level, base: null, serializers: { cause: stdSerializers.errWithCause } }, process.stderr)
  return {
    error: (fields, message) => log.error(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    info: (fields, message) => log.info(fields, message),
  }
}
