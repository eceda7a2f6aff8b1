import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import {
  ARRAY_WORDS,
  laneOffset,
  markOf,
  wordsOfArray,
  type ArrayFields,
} from '../scope/array-fields.ts'
import type { Expansion } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { storeField } from '../scope/values.ts'
import { pushPosition, pushRoom, type Maker, type Making } from './repeat-making.ts'

/** Words that the kernel `arrayRows` keeps between calls: the row, how many there are from it on, and its own. */
const STATE_BYTES = 16
const ROWS_LEFT = 4
/** Of the words that say how an array is. */
const KIND_WORD = 2

/** Whether rows are left to be made of the arrays at hand: none, some, all. */
const NOTHING = 0
const ALL = 2

/** The arrays of a row: what the kernel knows of them, and where it goes on. */
interface Walk {
  readonly lists: readonly ArrayFields[]
  readonly words: Local
  readonly state: Local
  readonly more: Local
}

/** Makes rows for the elements of arrays, side by side. */
export function makerOfElements(
  leg: LegContext,
  making: Making,
  { arrays }: Expansion & { readonly kind: 'arrays' },
): Maker {
  const { f, scope } = leg
  const { layout, ordinality } = making.step
  const lists = arrays.map(({ array, element }) => ({
    array: present(layout.fields[array], 'field of an array'),
    element: present(layout.fields[element], 'field of an element'),
  }))
  const walk = beginWalk(leg, lists)
  const isUnnumbered = ordinality === undefined
  return {
    begin() {
      const values = arrays.map(({ arg }) => compileExpression(scope, arg))
      if (isUnnumbered) f.i32(ALL).set(walk.more)
      else emitBegin(leg, making, walk, values)
      return {
        pushIsEmpty: () => pushAreEmpty(leg, values),
        write: () =>
          isUnnumbered ? emitAlike(leg, making, walk, values) : emitAny(leg, making, walk),
        pushIsMore: () => f.get(walk.more),
      }
    },
  }
}

/** Tells the kernel how the arrays lie in a row, once a batch. */
function beginWalk({ f, scope, module }: LegContext, lists: readonly ArrayFields[]): Walk {
  const [words, state, more] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const wordsAt = module.context.scratch(lists.length * ARRAY_WORDS * 4)
  f.get(scope.ctx).i32(wordsAt).op('i32.add').set(words)
  f.get(scope.ctx).i32(module.context.scratch(STATE_BYTES)).op('i32.add').set(state)
  for (const [at, list] of lists.entries()) {
    wordsOfArray(list).forEach((word, index) => {
      f.get(words).i32(word)
      f.memory('i32.store', (at * ARRAY_WORDS + index) * 4)
    })
  }
  return { lists, words, state, more }
}

/** Begins with a row's arrays: they are put where the kernel looks for them. */
function emitBegin(
  { f }: LegContext,
  { model }: Making,
  { lists, state }: Walk,
  values: readonly Value[],
): void {
  for (const [at, { array }] of lists.entries()) {
    storeField(f, model, array, present(values[at], 'array'))
  }
  f.get(state).get(model).memory('i32.store')
  f.get(state).i32(1).memory('i32.store', ROWS_LEFT)
  f.get(state)
    .i64(0n)
    .memory('i64.store', ROWS_LEFT + 4)
}

/** Writes the next rows of any arrays. */
function emitAny(leg: LegContext, making: Making, { lists, words, state, more }: Walk): void {
  const { f, scope } = leg
  f.get(words).i32(lists.length).get(state).i32(making.step.layout.rowBytes)
  pushPosition(leg, making)
  f.get(making.target)
  pushRoom(leg, making)
  f.call(scope.kernel('arrayRows')).set(making.count)
  f.get(state).memory('i32.load', ROWS_LEFT).set(more)
}

/**
 * Writes the next rows of one array, or of several with as many elements each: most are done at once, by a kernel that has
 * nothing to remember.
 */
function emitAlike(leg: LegContext, making: Making, walk: Walk, values: readonly Value[]): void {
  const { f } = leg
  const { count } = making
  f.i32(-1).set(count)
  f.get(walk.more).i32(ALL).op('i32.eq').if()
  const others = f.local('i32')
  for (const [at, list] of walk.lists.entries()) {
    pushElements(leg, making, list, present(values[at], 'array'))
    if (at === 0) f.set(count)
    else
      f.set(others).i32(-1).get(count).get(count).get(others).op('i32.ne').op('select').set(count)
  }
  f.release(others)
  f.i32(NOTHING).set(walk.more)
  f.get(count).i32(0).op('i32.lt_s').if()
  emitBegin(leg, making, walk, values)
  f.end()
  f.end()
  f.get(count).i32(0).op('i32.lt_s').if()
  emitAny(leg, making, walk)
  f.end()
}

/** Has the elements of an array written, and pushes how many these are, -1 where there is more to it; none where it is NULL. */
function pushElements(
  leg: LegContext,
  making: Making,
  list: ArrayFields,
  { lanes, valid }: Value,
): void {
  const { f, scope } = leg
  const { target, step } = making
  const { element } = list
  f.get(present(lanes[0], 'view of an array'))
  if (valid !== undefined) f.i64(0n).get(valid).op('select')
  f.i32(present(wordsOfArray(list)[KIND_WORD], 'kind of elements'))
  f.get(target).i32(step.layout.rowBytes).i32(laneOffset(element)).i32(markOf(element))
  pushRoom(leg, making)
  f.call(scope.kernel('elementRows'))
}

/** Pushes 1 where no array is there. */
function pushAreEmpty({ f }: LegContext, values: readonly Value[]): void {
  f.i32(1)
  for (const { valid } of values) {
    if (valid === undefined) f.i32(0)
    else f.get(valid).op('i32.eqz')
    f.op('i32.and')
  }
}
