import { text } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { localeOf } from '../../data/types/datetime/locale.ts'
import { castScalar, castScalarLeniently } from '../cast-scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { zoneTextForm } from './zone-forms.ts'

/*
 * What casts become in a session whose zone or styles are others than those that values are written in everywhere else: plans
 * then say of which, so that threads and workers need not know of sessions.
 */

/** Casts in a locale, see plan/logical/in-session.ts. */
export const localeFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'text_in_locale',
    args: ['any', 'text'],
    returns: text,
    doc:
      'A value as a session of some time zone, DateStyle and IntervalStyle writes it: ' +
      'what its cast to text becomes there.',
    example:
      "text_in_locale(timestamptz '2024-07-01 12:00+00', 'Europe/Berlin ISO MDY postgres')" +
      ' -- 2024-07-01 14:00:00+02',
    nullResult: 'of-null',
    evaluate: ([value = null, locale], [type]) =>
      value === null || type === undefined
        ? null
        : formatScalar(value, type, localeOf(String(locale))),
    literalForm([, locale], [type]) {
      if (type?.kind !== 'timestamptz' || typeof locale !== 'string') return undefined
      const { dateStyle, zone } = localeOf(locale)
      return dateStyle === 'ISO' ? zoneTextForm(zone) : undefined
    },
  }),
  scalar({
    name: 'cast_in_locale',
    args: ['any', 'text', 'bool'],
    returns: text,
    raises: true,
    doc:
      'A cast as it is in a session of some time zone and styles; NULL for what ' +
      'cannot be cast if the last argument says so. By itself it casts to text.',
    example: "cast_in_locale('31/12/2024', 'UTC ISO DMY postgres', false) -- 31/12/2024",
    evaluate([value = null, locale, isLenient], [type], result) {
      if (value === null || type === undefined) return null
      const cast = isLenient === true ? castScalarLeniently : castScalar
      return cast(value, type, result, localeOf(String(locale)))
    },
  }),
]
