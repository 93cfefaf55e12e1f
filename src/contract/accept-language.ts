/** Which of the languages of this product a browser asks for. The portal chooses its own: there, somebody may have said which. */
export type Language = 'en' | 'nl' | 'zh-Hant'

/** By Accept-Language (RFC 9110 §12.5.4); every Chinese gets the one there is, English who asks for none of them. */
export function languageFor(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find((q) => q !== undefined)
      return { tag, weight: Number(weight ?? 1) }
    })
    .toSorted((a, b) => b.weight - a.weight)
  for (const { tag, weight } of wanted) {
    const found = weight > 0 ? languageOf(tag) : undefined
    if (found !== undefined) return found
  }
  return 'en'
}

function languageOf(tag: string): Language | undefined {
  const [language] = tag.split('-')
  return language === 'nl' || language === 'en' ? language : language === 'zh' ? 'zh-Hant' : undefined
}
