/** What sentences of the server say where else a name stands. */
import type { FactWord } from '../../domain/sentence.ts'
import type { Messages } from '../language.tsx'

export const factWords: Messages<Readonly<Record<FactWord, string>>> = {
  en: {
    '*': 'anywhere',
    everything: 'all traffic',
    anywhere: 'anywhere',
    'any IPv4 address': 'any IPv4 address',
    'any IPv6 address': 'any IPv6 address',
    'a machine that is gone': 'a machine that is gone',
    'somebody else': 'somebody else',
  },
  nl: {
    '*': 'overal',
    everything: 'alle verkeer',
    anywhere: 'overal',
    'any IPv4 address': 'elk IPv4-adres',
    'any IPv6 address': 'elk IPv6-adres',
    'a machine that is gone': 'een machine die er niet meer is',
    'somebody else': 'iemand anders',
  },
  'zh-TW': {
    '*': '任何來源',
    everything: '所有流量',
    anywhere: '任何來源',
    'any IPv4 address': '任何 IPv4 位址',
    'any IPv6 address': '任何 IPv6 位址',
    'a machine that is gone': '已不存在的機器',
    'somebody else': '其他人',
  },
}
