import { typeEntry } from './catalogue.ts'
import type { LocalePart } from './catalogue/entry.ts'
import { rangeSubtypes, type DataType } from './data-type.ts'
import type { Locale } from './datetime/locale.ts'

export function isUtc({ zone }: Locale): boolean {
  const { starts, offsets } = zone
  return starts.length === 1 && offsets[0] === 0
}

/** What of a locale a type's texts hang on. */
export function partsOf(type: DataType): readonly LocalePart[] {
  if (type.kind === 'array') return partsOf(type.element)
  if (type.kind === 'record') return type.fields.flatMap((field) => partsOf(field.type))
  if (type.kind === 'range' || type.kind === 'multirange') return partsOf(rangeSubtypes[type.of])
  const part = typeEntry(type).localeOf
  return part === undefined ? [] : [part]
}

/** Whether texts of a type are written otherwise than by default. */
export function isWrittenOtherwise(type: DataType, locale: Locale): boolean {
  return partsOf(type).some((part) => {
    switch (part) {
      case 'dates':
        return locale.dateStyle !== 'ISO'
      case 'moments':
        return locale.dateStyle !== 'ISO' || !isUtc(locale)
      case 'spans':
        return locale.intervalStyle !== 'postgres'
      case 'clocks':
        return false
      case 'objects':
        return locale.objectNames !== undefined
    }
  })
}

/** Whether texts of a type are read otherwise than by default. */
export function isReadOtherwise(type: DataType, locale: Locale): boolean {
  return partsOf(type).some((part) => {
    switch (part) {
      case 'dates':
        return locale.dateOrder !== 'MDY'
      case 'moments':
      case 'clocks':
        return locale.dateOrder !== 'MDY' || !isUtc(locale)
      case 'spans':
        return locale.intervalStyle === 'sql_standard'
      case 'objects':
        return locale.objectNames !== undefined
    }
  })
}
