import type { DataType } from '../data/types/data-type.ts'
import type { ValueBounds } from '../data/types/value-bounds.ts'
import type { BoundedArgument, FunctionTraits } from './traits.ts'

type Bounds = NonNullable<FunctionTraits['bounds']>

const integerKinds: ReadonlySet<DataType['kind']> = new Set(['bool', 'int2', 'int4', 'int8'])

/** Digits behind the point of an exact number, undefined for other types. */
export function scaleOf(type: DataType): number | undefined {
  if (type.kind === 'decimal') return type.scale
  return integerKinds.has(type.kind) ? 0 : undefined
}

export function power10(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient
}

/** Bounds with other digits behind the point; outward when digits are dropped, whichever way the cast rounds. */
export function rescaled(bounds: ValueBounds, from: number, to: number): ValueBounds {
  if (to >= from) {
    const factor = power10(to - from)
    return { min: bounds.min * factor, max: bounds.max * factor }
  }
  const divisor = power10(from - to)
  return {
    min: floorDivide(bounds.min, divisor),
    max: -floorDivide(-bounds.max, divisor),
  }
}

/** Two exact numbers brought to the result's digits behind the point. */
function alignedPair(
  args: readonly BoundedArgument[],
  result: DataType,
): readonly [ValueBounds, ValueBounds] | undefined {
  const [left, right] = args
  if (left === undefined || right === undefined) return undefined
  if (addsDays(left.type, right.type, result)) return [left.bounds, right.bounds]
  const [leftScale, rightScale] = [scaleOf(left.type), scaleOf(right.type)]
  const scale = scaleOf(result)
  if (leftScale === undefined || rightScale === undefined || scale === undefined) return undefined
  if (scale < leftScale || scale < rightScale) return undefined
  return [rescaled(left.bounds, leftScale, scale), rescaled(right.bounds, rightScale, scale)]
}

/** Of dates and a number of days, both are days. */
function addsDays(...types: readonly DataType[]): boolean {
  const dates = types.filter(({ kind }) => kind === 'date').length
  return dates === 2 && types.some(({ kind }) => integerKinds.has(kind))
}

export const sumBounds: Bounds = (args, result) => {
  const [a, b] = alignedPair(args, result) ?? []
  return a && b && { min: a.min + b.min, max: a.max + b.max }
}

export const differenceBounds: Bounds = (args, result) => {
  const [a, b] = alignedPair(args, result) ?? []
  return a && b && { min: a.min - b.max, max: a.max - b.min }
}

export const productBounds: Bounds = ([left, right], result) => {
  if (left === undefined || right === undefined) return undefined
  const [leftScale, rightScale] = [scaleOf(left.type), scaleOf(right.type)]
  const scale = scaleOf(result)
  if (leftScale === undefined || rightScale === undefined || scale === undefined) return undefined
  const [a, b] = [left.bounds, right.bounds]
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max]
  const product = {
    min: corners.reduce((least, value) => (value < least ? value : least)),
    max: corners.reduce((most, value) => (value > most ? value : most)),
  }
  return leftScale + rightScale === scale
    ? product
    : rescaled(product, leftScale + rightScale, scale)
}

function magnitude({ min, max }: ValueBounds): bigint {
  return -min > max ? -min : max
}

/** The dividend's bounds where both are integers: no quotient or remainder leaves its magnitude. */
function integerDividend(
  [dividend, divisor]: readonly BoundedArgument[],
  result: DataType,
): ValueBounds | undefined {
  if (dividend === undefined || divisor === undefined || result.kind === 'decimal') return undefined
  const integers = [dividend.type, divisor.type, result].every((type) => scaleOf(type) === 0)
  return integers ? dividend.bounds : undefined
}

export const quotientBounds: Bounds = (args, result) => {
  const dividend = integerDividend(args, result)
  return dividend && { min: -magnitude(dividend), max: magnitude(dividend) }
}

export const remainderBounds: Bounds = (args, result) => {
  const dividend = integerDividend(args, result)
  if (dividend === undefined) return undefined
  const largest = magnitude(dividend)
  return { min: dividend.min < 0n ? -largest : 0n, max: dividend.max > 0n ? largest : 0n }
}

/** The argument's bounds where the result is of the same type. */
function ofSameType([arg]: readonly BoundedArgument[], result: DataType): ValueBounds | undefined {
  if (arg === undefined || arg.type.kind !== result.kind) return undefined
  return scaleOf(arg.type) === scaleOf(result) ? arg.bounds : undefined
}

function ofExactNumber(
  args: readonly BoundedArgument[],
  result: DataType,
): ValueBounds | undefined {
  return scaleOf(result) === undefined ? undefined : ofSameType(args, result)
}

export const identityBounds: Bounds = ofSameType

export const negationBounds: Bounds = (args, result) => {
  const bounds = ofExactNumber(args, result)
  return bounds && { min: -bounds.max, max: -bounds.min }
}

export const absoluteBounds: Bounds = (args, result) => {
  const bounds = ofExactNumber(args, result)
  if (bounds === undefined) return undefined
  const min = bounds.min > 0n ? bounds.min : bounds.max < 0n ? -bounds.max : 0n
  return { min, max: magnitude(bounds) }
}

/** The bounds of the arithmetic operators and functions of two arguments, by name. */
export const binaryBounds: Readonly<Record<string, Bounds>> = {
  '+': sumBounds,
  '-': differenceBounds,
  '*': productBounds,
  '/': quotientBounds,
  '%': remainderBounds,
  mod: remainderBounds,
}

/** The same of one argument. */
export const unaryBounds: Readonly<Record<string, Bounds>> = {
  '+': identityBounds,
  '-': negationBounds,
  abs: absoluteBounds,
  '@': absoluteBounds,
}
