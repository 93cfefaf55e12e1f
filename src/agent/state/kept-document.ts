/**
 * The last document, on the disk before it is carried out. Where the disk takes it no more, it is carried out all the same,
 * for it may say what is to be closed; and what an earlier one let in must not come back with the agent's next start.
 */
import { WITHOUT_HOLES, type HostDocument } from '../../contract/agent.ts'
import type { AgentLog } from '../agent-log.ts'
import { bestEffort } from './best-effort.ts'
import type { StateFolder } from './state-folder.ts'
import type { Durability } from './two-slots.ts'

export function keepDocument(
  files: Pick<StateFolder, 'writeDocument' | 'forgetDocument'>,
  log: Pick<AgentLog, 'error'>,
): (document: HostDocument, durability: Durability) => void {
  const keep = bestEffort(log, 'what the server said last')
  return (document, durability) => {
    if (keep(() => files.writeDocument(document, durability))) return
    const isKept = succeeds(() => files.writeDocument(withoutHoles(document), 'lasting'))
    if (!isKept) succeeds(() => files.forgetDocument())
  }
}

/** By another version, so that the server tells it anew; which begins as it did, for that says what is behind a gateway. */
export function withoutHoles(document: HostDocument): HostDocument {
  const version = document.version.replace(WITHOUT_HOLES, '')
  return { ...document, version: `${version}${WITHOUT_HOLES}`, holes: [] }
}

function succeeds(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false // why, was told of the first try
  }
}
