/**
 * What runs nft text: libnftables in this process, or `nft` spawned. One contract suite holds for both.
 * An engine does one thing at a time and never decides what to write.
 */
import type { Millis } from '../../../domain/time.ts'

export interface NftEngine {
  readonly name: 'libnftables' | 'nft'
  /** How long a transaction is usually under way before the kernel reads it. */
  readonly lead: Millis
  /** One transaction: all of it, or a rejection with the kernel's words and none of it. */
  apply(text: string, weight: Weight): Promise<void>
  /** Runs the text dry, as the kernel would, and gives its bytecode listing. Rejects with what is not supported. */
  compile(text: string): Promise<string>
  /** Every table, without elements and counter values, after the bytecode of every rule. */
  list(): Promise<string>
  /** The netlink socket that transactions are sent on, where this process has it: its table can be owned. */
  readonly socket?: EngineSocket
  /** Whether a process or thread id, as the kernel tells it, is this engine at work. */
  isOwnProcess(id: number): boolean
  /** Once what is under way is done. */
  close(): Promise<void>
}

export interface EngineSocket {
  /** Known to the kernel once the socket has sent something. */
  portId(): number
  /** Runs while no transaction is under way. */
  run<T>(task: (fd: number) => T): Promise<T>
}

/** `light`: about a hundred elements at most, and no chains or rules, whose change makes the kernel wait. */
export type Weight = 'light' | 'heavy'

/** The kernel, or nft, said no. */
export class NftError extends Error {
  override readonly name = 'NftError'
  /** Something that was to be made stands already. */
  get isExisting(): boolean {
    return this.message.includes('File exists')
  }
  /** Something that was named does not stand. */
  get isMissing(): boolean {
    return this.message.includes('No such file or directory')
  }
}
