import { widestLayout, type Layout } from '../../../data/vectors/vector.ts'
import type { FileSource } from '../../../plan/catalog/catalog.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import { widestIntegerBytes } from './schema.ts'
import { boundsOfBytes, holdsNullsOnly } from './statistics.ts'

const integerLayouts = [
  [1, 'i8'],
  [2, 'i16'],
  [4, 'i32'],
  [8, 'i64'],
] as const

/**
 * The narrowest layout in which the statistics of every part of every file say that a column fits.
 * One layout for the whole scan: each other one would be another compiled pipeline.
 */
export function narrowestLayout(source: FileSource, column: number, type: DataType): Layout {
  const widest = widestIntegerBytes(type)
  if (widest === undefined) return widestLayout(type)
  let min = 0n
  let max = 0n
  for (const file of source.files) {
    if (file.parts.length === 0) return widestLayout(type)
    for (const part of file.parts) {
      const statistics = part.statistics[column]
      if (part.rows === 0 || holdsNullsOnly(statistics, part.rows)) continue
      if (statistics?.min === undefined || statistics.max === undefined) return widestLayout(type)
      if (statistics.min < min) min = statistics.min
      if (statistics.max > max) max = statistics.max
    }
  }
  for (const [bytes, layout] of integerLayouts) {
    const bounds = boundsOfBytes(bytes)
    if (bytes <= widest && min >= bounds.min && max <= bounds.max) return layout
  }
  return widestLayout(type)
}
