import { assert, present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import { partWord } from '../scope/load-column.ts'
import { enterRow, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'

/** How many bytes of a text are looked at first. */
const WORD_BYTES = 4

/** The first key of a top-k, where it is a column of texts of the driving chunk without a dictionary. */
export interface TextKey {
  readonly place: ColumnPlace
  readonly descending: boolean
}

/**
 * Emits a loop over the leg's rows that passes those whose first bytes tell that they sort behind `worst`, the value of the
 * last row that is kept, where the local `isKnown` is not 0.
 */
export function emitTextLoop(
  leg: LegContext,
  key: TextKey,
  isKnown: Local,
  worst: Value,
  body: (row: Local) => void,
): void {
  const { f, scope } = leg
  const [row, isArmed, bound] = [f.local('i32'), f.local('i32'), f.local('i32')]
  emitBound(f, isKnown, worst, isArmed, bound)
  f.i32(0).set(row)
  const done = f.block()
  f.get(f.param(ROWS)).op('i32.eqz').branchIf(done)
  const again = f.loop()
  const passed = f.block()
  f.get(isArmed).if()
  pushIsBehind(leg, key, row, bound)
  f.branchIf(passed)
  f.end()
  enterRow(leg, row)
  body(row)
  f.end()
  f.get(row).i32(1).op('i32.add').tee(row).get(f.param(ROWS)).op('i32.lt_s').branchIf(again)
  f.end()
  f.end()
  for (const local of [row, isArmed, bound]) f.release(local)
  scope.row(() => assert(false, 'row id outside the loop'))
}

/** Sets the first bytes of a text as a number, with zeros behind its end, and whether there is a text. */
function emitBound(
  f: FunctionBuilder,
  isKnown: Local,
  worst: Value,
  isArmed: Local,
  bound: Local,
): void {
  const view = present(worst.lanes[0], 'lane of a text')
  const bytes = f.local('i32')
  f.i32(0).set(isArmed)
  f.get(isKnown).if()
  if (worst.valid === undefined) f.i32(1)
  else f.get(worst.valid)
  f.tee(isArmed).if()
  f.get(view).op('i32.wrap_i64').memory('i32.load').set(bound)
  f.get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64').tee(bytes)
  f.i32(WORD_BYTES).op('i32.lt_u').if()
  f.get(bound).i32(1).get(bytes).i32(3).op('i32.shl').op('i32.shl').i32(1).op('i32.sub')
  f.op('i32.and').set(bound)
  f.end()
  f.get(bound)
  emitBigEndian(f)
  f.set(bound)
  f.end()
  f.end()
  f.release(bytes)
}

/** Pushes whether the row's text is behind a bound for sure. */
function pushIsBehind(
  { f, scope }: LegContext,
  { place, descending }: TextKey,
  row: Local,
  bound: Local,
): void {
  const [slot, start] = [f.local('i32'), f.local('i32')]
  f.get(partWord(scope, place, 'offsets'))
    .get(f.param(FIRST))
    .get(row)
    .op('i32.add')
  f.i32(2).op('i32.shl').op('i32.add').tee(slot).memory('i32.load').set(start)
  f.get(partWord(scope, place, 'values'))
    .get(start)
    .op('i32.add')
    .memory('i32.load')
  emitBigEndian(f)
  f.get(bound)
  if (descending) {
    // What stands behind a short text makes its number larger only.
    f.op('i32.lt_u')
  } else {
    f.op('i32.gt_u')
    f.get(slot).memory('i32.load', 4).get(start).op('i32.sub').i32(WORD_BYTES).op('i32.ge_u')
    f.op('i32.and')
  }
  f.release(slot)
  f.release(start)
}

/** Turns the bytes of the i32 on the stack around. */
function emitBigEndian(f: FunctionBuilder): void {
  const word = f.local('i32')
  f.tee(word).i32(8).op('i32.rotl').i32(0x00ff00ff).op('i32.and')
  f.get(word).i32(8).op('i32.rotr').i32(-0xff0100).op('i32.and').op('i32.or')
  f.release(word)
}
