import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { laneOffset, markOf } from '../scope/array-fields.ts'
import type { Expansion } from '../../model/pipeline.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { pushPosition, pushRoom, type Maker, type Making } from './repeat-making.ts'

/** Makes rows for integers of a series; its ends are those of the row. */
export function makerOfIntegers(
  leg: LegContext,
  making: Making,
  { first, last, step, value }: Expansion & { readonly kind: 'integers' },
): Maker {
  const { f, scope } = leg
  const { model, target, count, step: own } = making
  const field = present(own.layout.fields[value], 'field of a series')
  const isWide = field.lanes[0]?.type === 'i64'
  const isUp = step > 0n
  const [next, end, left, number] = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')]
  const long = (from: Value, into: Local): void => {
    f.get(present(from.lanes[0], 'lane of an integer'))
    if (!isWide) f.op('i64.extend_i32_s')
    f.set(into)
  }
  return {
    begin() {
      const ends = [compileExpression(scope, first), compileExpression(scope, last)] as const
      long(ends[0], next)
      long(ends[1], end)
      // How many follow the first one, which may be all but one of 64 bits.
      const [from, to] = isUp ? [next, end] : [end, next]
      f.get(to)
        .get(from)
        .op('i64.sub')
        .i64(isUp ? step : -step)
        .op('i64.div_u')
        .set(left)
      f.i64(1n).set(number)
      return {
        pushIsEmpty() {
          f.get(next)
            .get(end)
            .op(isUp ? 'i64.gt_s' : 'i64.lt_s')
          for (const { valid } of ends) {
            if (valid !== undefined) f.get(valid).op('i32.eqz').op('i32.or')
          }
        },
        write() {
          // One more than the lesser of what follows and the room behind the next one.
          const room = f.local('i64')
          pushRoom(leg, making)
          f.i32(1).op('i32.sub').op('i64.extend_i32_u').set(room)
          f.get(left).get(room).get(left).get(room).op('i64.lt_u').op('select')
          f.op('i32.wrap_i64').i32(1).op('i32.add').set(count)
          f.get(model).get(target).i32(own.layout.rowBytes).get(count)
          f.i32(laneOffset(field))
            .i32(isWide ? 1 : 0)
            .i32(markOf(field))
          f.get(next).i64(step)
          pushPosition(leg, making)
          f.get(number).call(scope.kernel('repeatRow'))
          f.get(count).op('i64.extend_i32_u').set(room)
          f.get(next).get(room).i64(step).op('i64.mul').op('i64.add').set(next)
          f.get(number).get(room).op('i64.add').set(number)
          // Behind the last one this is -1. That the next one is out of range then does not matter.
          f.get(left).get(room).op('i64.sub').set(left)
          f.release(room)
        },
        pushIsMore: () => f.get(left).i64(-1n).op('i64.ne'),
      }
    },
  }
}
