/** Ruleset events from the kernel's multicast group: they arrive some 0.1 ms after the fact. */
import { setTimeout } from 'node:timers/promises'
import { closeDescriptor, openNetlink, receive, setReceiveBuffer, setReceiveTimeout, SystemCallError } from './libc.ts'
import { findAttribute, isNfTables, messagesIn, NEW_GENERATION, textOfAttribute } from './netlink-message.ts'
import type { RulesetEvents } from './ruleset-events.ts'

/** NFNLGRP_NFTABLES, as a bit. */
const NFTABLES_GROUP = 1 << 6
/** Holds the events of some 100,000 elements that change at once. */
const KERNEL_BUFFER = 64 * 1024 * 1024
/** How long the waiting thread takes to notice that it should stop. */
const RECEIVE_TIMEOUT = 250

const GENERATION_ID = 1
const GENERATION_PROCESS = 2
const GENERATION_NAME = 3
/** Every other message names its table in its first attribute. */
const TABLE_NAME = 1

const FAMILIES = new Map([
  [1, 'inet'],
  [2, 'ip'],
  [3, 'arp'],
  [5, 'netdev'],
  [7, 'bridge'],
  [10, 'ip6'],
])

/** How long to wait before a socket that failed is replaced. */
const REOPEN_AFTER = 1000

export const netlinkEvents: RulesetEvents = (onEvent) => {
  const stop = new AbortController()
  void keepListening(openGroup(), onEvent, stop.signal)
  return () => stop.abort()
}

function openGroup(): number {
  const fd = openNetlink(NFTABLES_GROUP)
  setReceiveBuffer(fd, KERNEL_BUFFER)
  setReceiveTimeout(fd, RECEIVE_TIMEOUT)
  return fd
}

/** A socket that fails is replaced for as long as anybody listens, and what it may have missed is told. */
async function keepListening(first: number, onEvent: Parameters<RulesetEvents>[0], signal: AbortSignal): Promise<void> {
  let fd: number | undefined = first
  while (!signal.aborted) {
    try {
      fd ??= openGroup()
      await listen(fd, createEventParser(onEvent), signal)
    } catch {
      await setTimeout(REOPEN_AFTER, undefined, { ref: false })
      onEvent('lost')
    }
    if (fd !== undefined) closeDescriptor(fd)
    fd = undefined
  }
}

async function listen(fd: number, parser: EventParser, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(65_536)
  while (!signal.aborted) {
    try {
      const datagram = await receive(fd, buffer)
      if (!signal.aborted) parser.datagram(datagram)
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
      if (error.code === 'ENOBUFS') parser.lost()
      else if (error.code !== 'EAGAIN' && error.code !== 'EINTR') throw error
    }
  }
}

interface EventParser {
  datagram(datagram: Buffer): void
  lost(): void
}

/** A transaction's messages come first, its new generation last. */
function createEventParser(onEvent: Parameters<RulesetEvents>[0]): EventParser {
  let tables = new Set<string>()
  const generation = (payload: Buffer): void => {
    onEvent({
      generation: findAttribute(payload, GENERATION_ID)?.readUInt32BE(0) ?? 0,
      process: findAttribute(payload, GENERATION_PROCESS)?.readUInt32BE(0) ?? 0,
      name: textOfAttribute(findAttribute(payload, GENERATION_NAME)) ?? '',
      tables,
    })
    tables = new Set()
  }
  return {
    datagram: (datagram) => {
      for (const message of messagesIn(datagram)) {
        if (!isNfTables(message.type)) continue
        if (message.type === NEW_GENERATION) generation(message.payload)
        else tables.add(`${FAMILIES.get(message.family) ?? message.family} ${tableName(message.payload)}`)
      }
    },
    lost: () => onEvent('lost'),
  }
}

function tableName(payload: Buffer): string {
  return textOfAttribute(findAttribute(payload, TABLE_NAME)) ?? ''
}
