/** How instants, spans and numbers are written for the reader: in the browser's time zone, which is always said. */
import { useMemo } from 'react'
import { useLanguage, type Language } from './language.tsx'

export interface Formats {
  readonly number: (value: number) => string
  /** "21 Nov, 14:05"; the year too where it is not this one. */
  readonly moment: (instant: number) => string
  readonly clock: (instant: number) => string
  readonly day: (instant: number) => string
  /** The whole instant with its zone, for tooltips and details. */
  readonly full: (instant: number) => string
  /** "in 3 hours", "2 minutes ago". */
  readonly relative: (instant: number, now: number) => string
  /** "2:05:09" until an end; "0:00" when it is past. */
  readonly countdown: (millis: number) => string
  /** "2 hours 30 minutes". */
  readonly span: (millis: number) => string
  /** An end after `from`: "14:05", and "22 Nov, 14:05" on another day. */
  readonly end: (from: number, until: number) => string
  /** Words one after the other: "a, b", and "a、b" in Chinese. */
  readonly list: (words: readonly string[]) => string
  /** "name: value". */
  readonly named: (name: string, value: string) => string
  /** "Europe/Amsterdam (UTC+1)". */
  readonly zone: string
}

export function useFormats(): Formats {
  const { language } = useLanguage()
  return useMemo(() => formatsOf(language), [language])
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

function formatsOf(language: Language, timeZone?: string): Formats {
  const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: 'h23', ...options })
  const moment = dates({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const dated = dates({ year: 'numeric', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const clock = dates({ hour: '2-digit', minute: '2-digit' })
  const day = dates({ weekday: 'short', day: 'numeric', month: 'short' })
  const full = dates({ dateStyle: 'full', timeStyle: 'long' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const numbers = new Intl.NumberFormat(language)
  return {
    number: (value) => numbers.format(value),
    moment: (at) => (sameYear(at) ? moment : dated).format(at),
    clock: (at) => clock.format(at),
    day: (at) => day.format(at),
    full: (at) => full.format(at),
    relative: (at, now) => relativeText(relative, at - now),
    countdown: countdownText,
    span: (millis) => spanText(language, millis),
    end: (from, until) => {
      const write = day.format(from) === day.format(until) ? clock : sameYear(until) ? moment : dated
      return write.format(until)
    },
    list: (words) => words.join(language === 'zh-TW' ? '、' : ', '),
    named: (name, value) => `${name}${language === 'zh-TW' ? '：' : ': '}${value}`,
    zone: zoneText(language, zone),
  }
}

function sameYear(at: number): boolean {
  return new Date(at).getFullYear() === new Date().getFullYear()
}

function relativeText(relative: Intl.RelativeTimeFormat, millis: number): string {
  const [unit, size] = STEPS.find(([, step]) => Math.abs(millis) >= step) ?? (['second', 1_000] as const)
  return relative.format(Math.round(millis / size), unit)
}

function countdownText(millis: number): string {
  const seconds = Math.max(0, Math.ceil(millis / 1_000))
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

function spanText(language: Language, millis: number): string {
  const minutes = Math.max(0, Math.round(millis / 60_000))
  const parts = [
    ['hour', Math.floor(minutes / 60)],
    ['minute', minutes % 60],
  ] as const
  const shown = parts.filter(([, value]) => value > 0)
  return (shown.length > 0 ? shown : [['minute', 0] as const])
    .map(([unit, value]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value))
    .join(' ')
}

function zoneText(language: Language, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'shortOffset' }).formatToParts()
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return offset === '' || timeZone === 'UTC' ? timeZone : `${timeZone} (${offset.replace('GMT', 'UTC')})`
}
