import { counted, plural, type Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly policy: string
  readonly policyIn: (policy: string, group: string) => string
  readonly newPolicy: string
  readonly name: string
  readonly names: Readonly<Record<'there' | 'wrong', string>>
  readonly selector: (labels: string) => string
  readonly labels: string
  readonly hint: string
  readonly repeated: string
  readonly add: string
  readonly remove: (labels: string) => string
  readonly noSelectors: string
  readonly choosesNone: string
  readonly chooses: (count: number, names: string) => string
  readonly more: (count: number) => string
  readonly others: Readonly<Record<'named' | 'earlier' | 'unsupported', (count: number, names: string) => string>>
  readonly fallen: (count: number) => string
  readonly stay: string
  readonly end: string
  readonly review: string
  readonly discard: string
}

export const labelsMessages: Messages<Words> = {
  en: {
    title: 'Protect by labels',
    subtitle: 'Hosts that have these labels are protected, now and later; whatever gets or loses them is followed',
    policy: 'Policy',
    policyIn: (policy, group) => `${policy}, in group ${group}`,
    newPolicy: 'New policy',
    name: 'Name of the new policy',
    names: {
      there: 'There is a policy of this name already: choose it above.',
      wrong: 'Use letters, digits, and in between - _ and .',
    },
    selector: (labels) => `Machines with ${labels === '' ? 'labels' : labels}`,
    labels: 'Labels',
    hint: 'env=prod,tier=web: a machine needs all of them',
    repeated: 'These labels stand above already.',
    add: 'Choose by more labels',
    remove: (labels) => `Remove ${labels === '' ? 'these labels' : labels}`,
    noSelectors: 'This policy chooses no machine by its labels.',
    choosesNone: 'Chooses no machine now. Whatever gets these labels later is protected.',
    chooses: (count, names) => `Chooses ${counted('en', count, 'machine', 'machines')} now: ${names}`,
    more: (count) => `and ${counted('en', count, 'other', 'others')}`,
    others: {
      named: (count, names) =>
        `${counted('en', count, 'machine keeps', 'machines keep')} rules of ${plural('en', count, 'its', 'their')} own: ${names}`,
      earlier: (count, names) =>
        `${counted('en', count, 'machine is', 'machines are')} chosen by labels further up: ${names}`,
      unsupported: (count, names) => `${counted('en', count, 'machine', 'machines')} cannot be protected: ${names}`,
    },
    fallen: (count) =>
      `${counted('en', count, 'machine was', 'machines were')} chosen by labels that are gone. What becomes of ${plural('en', count, 'it', 'them')}?`,
    stay: 'Stays protected as it is, named by itself',
    end: 'Is not protected any more, unless other labels here choose it',
    review: 'Review changes',
    discard: 'Discard',
  },
  nl: {
    title: 'Beschermen op labels',
    subtitle: 'Hosts met deze labels zijn beschermd, nu en later; wie ze krijgt of verliest, wordt gevolgd',
    policy: 'Beleid',
    policyIn: (policy, group) => `${policy}, in groep ${group}`,
    newPolicy: 'Nieuw beleid',
    name: 'Naam van het nieuwe beleid',
    names: {
      there: 'Er is al een beleid met deze naam: kies het hierboven.',
      wrong: 'Gebruik letters, cijfers, en daartussen - _ en .',
    },
    selector: (labels) => `Machines met ${labels === '' ? 'labels' : labels}`,
    labels: 'Labels',
    hint: 'env=prod,tier=web: een machine moet ze allemaal hebben',
    repeated: 'Deze labels staan hierboven al.',
    add: 'Op meer labels kiezen',
    remove: (labels) => (labels === '' ? 'Deze labels verwijderen' : `${labels} verwijderen`),
    noSelectors: 'Dit beleid kiest geen machines op hun labels.',
    choosesNone: 'Kiest nu geen machine. Wat deze labels later krijgt, wordt beschermd.',
    chooses: (count, names) => `Kiest nu ${counted('nl', count, 'machine', 'machines')}: ${names}`,
    more: (count) => `en nog ${counted('nl', count, 'andere', 'andere')}`,
    others: {
      named: (count, names) => `${counted('nl', count, 'machine houdt', 'machines houden')} eigen regels: ${names}`,
      earlier: (count, names) =>
        `${counted('nl', count, 'machine is', 'machines zijn')} al door labels hierboven gekozen: ${names}`,
      unsupported: (count, names) =>
        `${counted('nl', count, 'machine kan', 'machines kunnen')} niet worden beschermd: ${names}`,
    },
    fallen: (count) =>
      `${counted('nl', count, 'machine was', 'machines waren')} gekozen door labels die hier weg zijn. Wat gebeurt ermee?`,
    stay: 'Blijft beschermd zoals nu, op eigen naam',
    end: 'Is niet meer beschermd, tenzij andere labels hier de machine kiezen',
    review: 'Wijzigingen bekijken',
    discard: 'Verwerpen',
  },
  'zh-TW': {
    title: '依標籤保護',
    subtitle: '具有這些標籤的主機現在與日後都受保護；取得或失去標籤時會自動跟進',
    policy: '原則',
    policyIn: (policy, group) => `${policy}，位於群組 ${group}`,
    newPolicy: '新原則',
    name: '新原則的名稱',
    names: {
      there: '已有同名的原則：請在上方選取。',
      wrong: '請使用字母、數字，中間可用 - _ 與 .',
    },
    selector: (labels) => (labels === '' ? '具有標籤的機器' : `具有 ${labels} 的機器`),
    labels: '標籤',
    hint: 'env=prod,tier=web：機器必須具有全部標籤',
    repeated: '上方已有這些標籤。',
    add: '依更多標籤選取',
    remove: (labels) => (labels === '' ? '移除這些標籤' : `移除 ${labels}`),
    noSelectors: '此原則未依標籤選取任何機器。',
    choosesNone: '目前沒有選取任何機器。日後取得這些標籤者會受保護。',
    chooses: (count, names) => `目前選取 ${counted('zh-TW', count, '部機器', '部機器')}：${names}`,
    more: (count) => `及其他 ${counted('zh-TW', count, '部', '部')}`,
    others: {
      named: (count, names) => `${counted('zh-TW', count, '部機器', '部機器')}維持自己的規則：${names}`,
      earlier: (count, names) => `${counted('zh-TW', count, '部機器', '部機器')}已由上方的標籤選取：${names}`,
      unsupported: (count, names) => `${counted('zh-TW', count, '部機器', '部機器')}無法受保護：${names}`,
    },
    fallen: (count) => `${counted('zh-TW', count, '部機器', '部機器')}原本由已移除的標籤選取。要如何處理？`,
    stay: '維持目前的保護，改為個別列出',
    end: '不再受保護，除非此處的其他標籤選取了它',
    review: '檢閱變更',
    discard: '捨棄',
  },
}
