import { integerBounds } from '../../data/types/parse-number.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import { keep, lane } from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import { orElsewhere } from '../../functions/kernel-forms.ts'
import { textOf, writesText } from '../../functions/text-of.ts'

type Emitted = ReturnType<InlineForm>

/** A cast from text: kernels read what is written in the usual way, and leave the rest to TypeScript. */
type Reader = (ctx: InlineContext, value: Value) => Emitted

const LEFT_OUT_32 = -(2n ** 31n)
const LEFT_OUT_64 = -(2n ** 63n)
const ELSEWHERE = -1n

function readInteger(kind: 'int2' | 'int4' | 'int8'): Reader {
  const { min, max } = integerBounds[kind]
  return (ctx, value) => {
    const { f } = ctx
    f.get(lane(value)).i64(min).i64(max).call(ctx.kernel('integerOfText'))
    const read = keep(f, 'i64')
    if (kind === 'int8') {
      orElsewhere(ctx, [value], read, LEFT_OUT_64)
      return { lanes: [read] }
    }
    f.get(read).op('i32.wrap_i64')
    const result = keep(f, 'i32')
    orElsewhere(ctx, [value], result, LEFT_OUT_64, read)
    return { lanes: [result] }
  }
}

const readers: Readonly<Partial<Record<TypeKind, Reader>>> = {
  int2: readInteger('int2'),
  int4: readInteger('int4'),
  int8: readInteger('int8'),
  date(ctx, value) {
    ctx.f.get(lane(value)).call(ctx.kernel('dateOfText'))
    const days = keep(ctx.f, 'i32')
    orElsewhere(ctx, [value], days, LEFT_OUT_32)
    return { lanes: [days] }
  },
  timestamp(ctx, value) {
    ctx.f.get(lane(value)).call(ctx.kernel('timestampOfText'))
    const micros = keep(ctx.f, 'i64')
    orElsewhere(ctx, [value], micros, LEFT_OUT_64)
    return { lanes: [micros] }
  },
}

/** Whether code casts between text and a type. A jsonb is JSON as it is written. */
export function castsText(from: DataType, to: DataType): boolean {
  if (to.kind === 'text' || (to.kind === 'json' && from.kind === 'jsonb')) return writesText(from)
  return from.kind === 'text' && readers[to.kind] !== undefined
}

/** Emits a cast between text and another type. */
export function compileTextCast(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const read = readers[to.kind]
  if (value.type.kind === 'text' && read !== undefined) return read(ctx, value)
  const view = textOf(ctx, value, 'spelled')
  orElsewhere(ctx, [value], view, ELSEWHERE)
  return { lanes: [view] }
}
