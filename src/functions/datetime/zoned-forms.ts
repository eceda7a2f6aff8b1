import { present } from '../../base/assert.ts'
import { keep, lane, raiseIf } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { fixedBytes, writerForm } from '../kernel-forms.ts'
import { startOfDate, timestampBounds } from './arithmetic-inline.ts'

/* Times of day with a zone: wasm/kernels/assembly/functions/zoned-times.ts. */

/** A key, a time of day, a zone. */
const ZONED_BYTES = 64

/** One later or earlier by an interval's time; `at`: which argument is the time of day. */
export function movedForm(direction: 1n | -1n, at: 0 | 1): InlineForm {
  return writerForm('zonedMoved', fixedBytes(ZONED_BYTES), ({ f }, args) => {
    f.get(lane(present(args[at], 'missing time')))
    f.get(lane(present(args[1 - at], 'missing interval'), 1))
    if (direction < 0n) f.i64(direction).op('i64.mul')
  })
}

/** One as it is told so far east of Greenwich as the interval in front says. */
export const toldForm: InlineForm = writerForm(
  'zonedTold',
  fixedBytes(ZONED_BYTES),
  ({ f }, [zone, clock]) => {
    const span = present(zone, 'missing interval')
    f.get(lane(present(clock, 'missing time')))
    f.get(lane(span)).get(lane(span, 1))
  },
)

/** A date and one as a moment; `at`: which argument is the time of day. */
export function momentForm(at: 0 | 1): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const start = startOfDate(ctx, present(args[1 - at], 'missing date'))
    f.get(start)
    f.get(lane(present(args[at], 'missing time'))).call(ctx.kernel('zonedMoment'))
    f.op('i64.add')
    const moment = keep(f, 'i64')
    // A sum that wraps around is before all of them.
    f.get(moment).i64(timestampBounds.min).op('i64.lt_s')
    f.get(moment).i64(timestampBounds.max).op('i64.gt_s').op('i32.or')
    raiseIf(ctx, 'date-beyond-timestamps')
    return { lanes: [moment], range: timestampBounds }
  }
}
