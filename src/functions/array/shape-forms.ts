import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { keep, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import {
  ELSEWHERE,
  fixedBytes,
  orElsewhere,
  pushLanes,
  written,
  writerForm,
} from '../kernel-forms.ts'
import { elementType } from '../array-elements.ts'
import {
  isKernelElement,
  pushIsNull,
  pushKind,
  pushKindAndPlaces,
  pushRecastBytes,
  storeCell,
} from './cells.ts'

/* Arrays full of one value, their bounds, and texts of arrays that are cut off. */

/** 32 bytes for each of six dimensions. */
const BOUNDS_BYTES = 192

/** The bounds of the dimensions, NULL of an empty array. */
export const boundsForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const bounds = written(ctx, 'arrayBounds', args, fixedBytes(BOUNDS_BYTES))
  f.get(bounds).i64(32n).op('i64.shr_u').i64(0n).op('i64.ne')
  return { lanes: [bounds], valid: keep(f, 'i32') }
}

/** A value, lengths, and first subscripts where they are told. */
export const fillForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [value, lengths, lowers] = args
  const filling = present(value, 'missing value')
  const cell = ctx.workspace()
  storeCell(ctx, cell, 0, filling)
  const pushList = (list = lengths): void => {
    const one = present(list, 'missing list')
    f.get(lane(one))
    if (one.valid !== undefined) f.i64(0n).get(one.valid).op('select')
  }
  const pushBytes = (): void => {
    pushKind(ctx, filling.type)
    f.get(cell)
    pushIsNull(ctx, filling)
    pushList()
    f.call(ctx.kernel('arrayFillBytes'))
  }
  const push = (): void => {
    pushKindAndPlaces(ctx, filling.type)
    f.get(cell)
    pushIsNull(ctx, filling)
    pushList()
    // NULL is no list either; where none is told, 0 stands for ones.
    if (lowers === undefined) f.i64(0n)
    else {
      f.get(lane(lowers))
      if (lowers.valid !== undefined) f.i64(NO_LIST).get(lowers.valid).op('select')
    }
  }
  const result = written(ctx, 'arrayFill', args, pushBytes, push)
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

/** A view of no bytes at an address: no list of numbers. */
const NO_LIST = 1n

export const fillsWith = ([value]: readonly DataType[]): boolean =>
  value !== undefined && isKernelElement(value)

/** Each element with so many characters at most; `keeps`: only blanks are cut off. */
export function cutForm(keeps: boolean): InlineForm {
  return (ctx, args, result) => {
    const work = ctx.workspace()
    return writerForm(
      'arrayCut',
      () => pushRecastBytes(ctx, present(args[0], 'missing array')),
      () => {
        pushLanes(ctx, args)
        ctx.f.i32(keeps ? 1 : 0).get(work)
      },
    )(ctx, args, result)
  }
}

export const cutsElements = ([array]: readonly DataType[]): boolean =>
  elementType(array).kind === 'text'
