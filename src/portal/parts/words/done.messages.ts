import type { Messages } from '../../language.tsx'

/** What is said in passing when something was done, of what is called so. */
interface Words {
  readonly saved: (name: string) => string
  readonly made: (name: string) => string
  readonly removed: (name: string) => string
  readonly connected: (name: string) => string
  readonly cutOff: (name: string) => string
  readonly readAgain: (name: string) => string
  readonly assigned: (role: string, who: string) => string
  readonly done: (deed: string, name: string) => string
}

export const doneMessages: Messages<Words> = {
  en: {
    saved: (name) => `${name} is saved`,
    made: (name) => `${name} is made`,
    removed: (name) => `${name} is removed`,
    connected: (name) => `${name} is connected`,
    cutOff: (name) => `${name} is cut off`,
    readAgain: (name) => `The machines of ${name} are read again`,
    assigned: (role, who) => `${who} holds ${role} now`,
    done: (deed, name) => `Done for ${name}: ${deed}`,
  },
  nl: {
    saved: (name) => `${name} is opgeslagen`,
    made: (name) => `${name} is gemaakt`,
    removed: (name) => `${name} is verwijderd`,
    connected: (name) => `${name} is verbonden`,
    cutOff: (name) => `${name} is afgesneden`,
    readAgain: (name) => `De machines van ${name} zijn opnieuw gelezen`,
    assigned: (role, who) => `${who} heeft nu de rol ${role}`,
    done: (deed, name) => `Gedaan voor ${name}: ${deed}`,
  },
  'zh-TW': {
    saved: (name) => `已儲存 ${name}`,
    made: (name) => `已建立 ${name}`,
    removed: (name) => `已移除 ${name}`,
    connected: (name) => `已連接 ${name}`,
    cutOff: (name) => `已切斷 ${name}`,
    readAgain: (name) => `已重新讀取 ${name} 的機器`,
    assigned: (role, who) => `${who} 現在具有 ${role} 角色`,
    done: (deed, name) => `已對 ${name} 完成：${deed}`,
  },
}
