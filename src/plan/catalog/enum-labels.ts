import { notSupported, QueryError } from '../../base/errors.ts'
import type { EnumLabel } from '../../data/types/data-type.ts'
import type { LabelPlace } from '../../sql/ast/definition.ts'

/** Codes between two labels as they are declared. */
const GAP = 1_024
const CODE_MAX = 2 ** 31 - 1
/** PostgreSQL's NAMEDATALEN less its end. */
const LABEL_BYTES_MAX = 63
/** A new label takes this part of the gap, so that many can come one before another. */
const SHARE = 64

/** Labels of a new type. Errors: INVALID_NAME, UNIQUE_VIOLATION. */
export function declaredLabels(texts: readonly string[], id: number): readonly EnumLabel[] {
  const seen = new Set<string>()
  for (const text of texts) {
    checkLabel(text)
    if (seen.has(text)) {
      const message = 'duplicate key value violates unique constraint "pg_enum_typid_label_index"'
      const detail = `Key (enumtypid, enumlabel)=(${id}, ${text}) already exists.`
      throw new QueryError('UNIQUE_VIOLATION', message, { detail })
    }
    seen.add(text)
  }
  if (texts.length * GAP > CODE_MAX) {
    throw notSupported(`enums of more than ${Math.floor(CODE_MAX / GAP)} labels`)
  }
  return texts.map((label, index) => ({ code: index * GAP, label }))
}

/**
 * Labels with one more, without a place last. What is stored stays: the new one has a code of its own between its neighbours'. Errors:
 * INVALID_NAME, DUPLICATE_OBJECT, INVALID_PARAMETER_VALUE, FEATURE_NOT_SUPPORTED where no code is left.
 */
export function withLabel(
  labels: readonly EnumLabel[],
  label: string,
  place: LabelPlace | undefined,
): readonly EnumLabel[] {
  checkLabel(label)
  if (labels.some((one) => one.label === label)) throw duplicateLabel(label)
  const at = place === undefined ? labels.length : positionOf(labels, place)
  const below = labels[at - 1]?.code
  const above = labels[at]?.code
  const code = codeBetween(below, above, place?.side ?? 'before')
  if (code === undefined) throw notSupported(`another label at the place of "${label}"`)
  return [...labels.slice(0, at), { code, label }, ...labels.slice(at)]
}

function positionOf(labels: readonly EnumLabel[], { side, neighbour }: LabelPlace): number {
  const at = indexOf(labels, neighbour)
  return side === 'before' ? at : at + 1
}

/** Labels with one of them renamed. Errors: INVALID_NAME, INVALID_PARAMETER_VALUE, DUPLICATE_OBJECT. */
export function withLabelRenamed(
  labels: readonly EnumLabel[],
  from: string,
  to: string,
): readonly EnumLabel[] {
  checkLabel(to)
  const at = indexOf(labels, from)
  if (labels.some(({ label }) => label === to)) throw duplicateLabel(to)
  return labels.map((one, index) => (index === at ? { ...one, label: to } : one))
}

function indexOf(labels: readonly EnumLabel[], wanted: string): number {
  const at = labels.findIndex(({ label }) => label === wanted)
  if (at >= 0) return at
  const message = `"${wanted}" is not an existing enum label`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

/**
 * A code between two; undefined where there is none. Away from the label that the new one was placed beside, as the next
 * one is likely to be placed beside the same.
 */
function codeBetween(
  below: number | undefined,
  above: number | undefined,
  side: LabelPlace['side'],
): number | undefined {
  if (below === undefined && above === undefined) return 0
  const low = below ?? Math.max(-CODE_MAX, (above ?? 0) - 2 * GAP)
  const high = above ?? Math.min(CODE_MAX, (below ?? 0) + 2 * GAP)
  if (high - low < 2) return undefined
  if (below === undefined || above === undefined) return Math.floor((low + high) / 2)
  const step = Math.max(1, Math.floor((high - low) / SHARE))
  return side === 'before' ? low + step : high - step
}

function checkLabel(label: string): void {
  if (new TextEncoder().encode(label).length <= LABEL_BYTES_MAX) return
  throw new QueryError('INVALID_NAME', `invalid enum label "${label}"`, {
    detail: `Labels must be ${LABEL_BYTES_MAX} bytes or less.`,
  })
}

function duplicateLabel(label: string): QueryError {
  return new QueryError('DUPLICATE_OBJECT', `enum label "${label}" already exists`)
}
