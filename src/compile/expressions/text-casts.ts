import { present } from '../../base/assert.ts'
import { integerBounds } from '../../data/types/parse-number.ts'
import { numeric, text, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { keep, keyLane, lane } from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import {
  ELSEWHERE,
  orElsewhere,
  pushSize,
  takePair,
  writerForm,
  written,
  type Push,
} from '../../functions/kernel-forms.ts'
import { writtenJsonb } from '../../functions/json/inline.ts'
import { isNarrow } from '../../functions/math/inline.ts'
import { textOf, writesText } from '../../functions/text-of.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { emitLongOfFloat, takeWords } from '../../functions/long-forms.ts'
import { exactOfNumeric, FLOAT_DIGITS, nearestFloat } from './exact-casts.ts'

type Emitted = ReturnType<InlineForm>

/** A cast from text: kernels read what is written in the usual way, and leave the rest to TypeScript. */
type Reader = (ctx: InlineContext, value: Value) => Emitted

const backslash = new Uint8Array([0x5c])
const LEFT_OUT_32 = -(2n ** 31n)
const LEFT_OUT_64 = -(2n ** 63n)

function readInteger(kind: 'int2' | 'int4' | 'int8'): Reader {
  const { min, max } = integerBounds[kind]
  return (ctx, value) => {
    const { f } = ctx
    f.get(lane(value)).i64(min).i64(max).call(ctx.kernel('integerOfText'))
    const read = keep(f, 'i64')
    if (kind === 'int8') {
      orElsewhere(ctx, read, LEFT_OUT_64)
      return { lanes: [read] }
    }
    f.get(read).op('i32.wrap_i64')
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, LEFT_OUT_64, read)
    return { lanes: [result] }
  }
}

function readFloat(kind: 'float4' | 'float8'): Reader {
  return (ctx, value) => {
    ctx.f.get(lane(value)).call(ctx.kernel('floatOfText'))
    return nearestFloat(ctx, { kind })
  }
}

/** A kernel that reads a text as one number, and gives one that none is for what it leaves to TypeScript. */
function readMoment(
  kernel: 'dateOfText' | 'timeOfText' | 'timestampOfText' | 'zonedTimestampOfText',
  type: 'i32' | 'i64',
  leftOut: bigint,
): Reader {
  return (ctx, value) => {
    ctx.f.get(lane(value)).call(ctx.kernel(kernel))
    const moment = keep(ctx.f, type)
    orElsewhere(ctx, moment, leftOut)
    return { lanes: [moment] }
  }
}

const DECIMAL_DIGITS_MAX = 18

/** A jsonb of a text, or of a json. */
const readJsonb: Reader = (ctx, value) => {
  const result = writtenJsonb(ctx, lane(value))
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

const readBits: Reader = (ctx, value) => {
  ctx.f.get(lane(value)).call(ctx.kernel('bitsOfText'))
  const result = keep(ctx.f, 'i64')
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

/** A numeric in two words, and whether it is left to TypeScript: an i32. */
interface ReadNumeric {
  readonly lanes: readonly Local[]
  readonly isLeftOut: Local
}

/** Where 18 digits do not hold it a kernel for any length reads it, whose bytes lie where the batch's texts are. */
function numericOf(ctx: InlineContext, value: Value): ReadNumeric {
  const { f } = ctx
  const work = ctx.workspace()
  const lanes = [f.local('i64'), f.local('i64')]
  const [answer, target, bytes] = [f.local('i64'), f.local('i32'), f.local('i32')]
  f.i64(0n).set(answer)
  f.get(work).get(lane(value)).call(ctx.kernel('numericOfText')).if()
  f.i64(ELSEWHERE).set(answer)
  f.get(lane(value)).call(ctx.kernel('longTextBytes')).tee(bytes).if()
  f.get(bytes)
  ctx.allocateText()
  f.set(target).get(work).get(target).get(lane(value)).call(ctx.kernel('longOfText')).set(answer)
  ctx.settleText(target, answer)
  f.end()
  f.end()
  for (const local of lanes) f.i64(0n).set(local)
  f.get(answer).i64(ELSEWHERE).op('i64.eq')
  const isLeftOut = keep(f, 'i32')
  f.get(isLeftOut).op('i32.eqz').if()
  takeWords(ctx, work, lanes)
  f.end()
  return { lanes, isLeftOut }
}

function readNumeric(ctx: InlineContext, value: Value): Emitted {
  const { lanes, isLeftOut } = numericOf(ctx, value)
  ctx.f.get(isLeftOut).if()
  ctx.elsewhere(lanes)
  ctx.f.end()
  return { lanes }
}

const readers: Readonly<Partial<Record<TypeKind, Reader>>> = {
  int2: readInteger('int2'),
  int4: readInteger('int4'),
  int8: readInteger('int8'),
  date: readMoment('dateOfText', 'i32', LEFT_OUT_32),
  float4: readFloat('float4'),
  float8: readFloat('float8'),
  numeric: readNumeric,
  json(ctx, value) {
    ctx.f.get(lane(value)).get(ctx.workspace()).call(ctx.kernel('jsonOfText'))
    const result = keep(ctx.f, 'i64')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  },
  jsonb: readJsonb,
  bit: readBits,
  varbit: readBits,
  time: readMoment('timeOfText', 'i64', ELSEWHERE),
  // Without a backslash the bytes are those of the text.
  bytea(ctx, value) {
    const { f } = ctx
    const bytes = f.local('i64')
    f.get(lane(value)).set(bytes)
    f.get(bytes).get(ctx.bytes(backslash)).i32(0).call(ctx.kernel('textFind'))
    f.i32(0).op('i32.ge_s').if()
    const read = written(ctx, 'bytesOfText', [value], (_, [source]) => pushSize(ctx, source))
    orElsewhere(ctx, read, ELSEWHERE)
    f.get(read).set(bytes).end()
    return { lanes: [bytes] }
  },
  bpchar(ctx, value) {
    const push: Push = ({ f }) =>
      void f.get(lane(value)).i64(31n).op('i64.shr_u').i64(8n).op('i64.add')
    return writerForm('paddedOfText', push)(ctx, [value], { kind: 'bpchar' })
  },
  timestamp: readMoment('timestampOfText', 'i64', LEFT_OUT_64),
  timestamptz: readMoment('zonedTimestampOfText', 'i64', LEFT_OUT_64),
  uuid(ctx, value) {
    const work = ctx.workspace()
    ctx.f.get(work).get(lane(value)).call(ctx.kernel('uuidOfText'))
    return { lanes: takePair(ctx, work) }
  },
  // Hours, minutes and seconds, as a time of day has them.
  interval(ctx, value) {
    const { f } = ctx
    const work = ctx.workspace()
    f.get(lane(value)).call(ctx.kernel('timeOfText'))
    const micros = keep(f, 'i64')
    f.get(work).i64(0n).memory('i64.store').get(work).get(micros).memory('i64.store', 8)
    f.get(micros).i64(ELSEWHERE).op('i64.eq')
    return { lanes: takePair(ctx, work) }
  },
}

/** What a jsonb that is a number is cast to: by its text, which is that of a numeric. */
const jsonNumbers: ReadonlySet<TypeKind> = new Set([
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
])

function castsJsonb(to: DataType): boolean {
  return to.kind === 'bool' || jsonNumbers.has(to.kind) || isNarrow(to)
}

function castJsonb(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { f } = ctx
  f.get(lane(value))
  if (to.kind === 'bool') {
    f.call(ctx.kernel('jsonbTruth'))
    const truth = keep(f, 'i32')
    orElsewhere(ctx, truth, ELSEWHERE)
    return { lanes: [truth] }
  }
  f.call(ctx.kernel('jsonbNumber'))
  const digits = { ...value, type: text, lanes: [keep(f, 'i64')], range: undefined }
  return readText(ctx, digits, to)
}

/**
 * Whether kernels cast from a type to another: between text and others, and from floats to numeric. A jsonb is
 * JSON as it is written.
 */
export function castsText(from: DataType, to: DataType): boolean {
  if (from.kind === 'bpchar') return to.kind === 'text'
  if (from.kind === 'jsonb' && castsJsonb(to)) return true
  if (to.kind === 'text' || (to.kind === 'json' && from.kind === 'jsonb')) return writesText(from)
  if (from.kind === 'json') return to.kind === 'jsonb'
  if (from.kind === 'text') return readers[to.kind] !== undefined || to.kind === 'decimal'
  return to.kind === 'numeric' && (from.kind === 'float4' || from.kind === 'float8')
}

/** Emits a cast that {@link castsText} tells. */
export function compileTextCast(ctx: InlineContext, value: Value, to: DataType): Emitted {
  const { kind } = value.type
  if (kind === 'text') return readText(ctx, value, to)
  if (kind === 'jsonb' && castsJsonb(to)) return castJsonb(ctx, value, to)
  if (kind === 'json' && to.kind === 'jsonb') return readJsonb(ctx, value)
  if (kind === 'bpchar') {
    ctx.f.get(keyLane(ctx.f, value)).call(ctx.kernel('paddedText'))
    return { lanes: [keep(ctx.f, 'i64')] }
  }
  if (to.kind === 'numeric' && (kind === 'float4' || kind === 'float8')) {
    const { f } = ctx
    const work = ctx.workspace()
    f.get(lane(value))
    if (kind === 'float4') f.op('f64.promote_f32')
    const float = { value: keep(f, 'f64'), digits: FLOAT_DIGITS[kind] }
    f.get(work).get(float.value).i32(float.digits).call(ctx.kernel('floatNumeric'))
    return { lanes: takePair(ctx, work, (lanes) => emitLongOfFloat(ctx, work, float, lanes)) }
  }
  const view = textOf(ctx, value, 'spelled')
  orElsewhere(ctx, view, ELSEWHERE)
  return { lanes: [view] }
}

function readText(ctx: InlineContext, value: Value, to: DataType): Emitted {
  if (to.kind !== 'decimal') return present(readers[to.kind], `text to ${to.kind}`)(ctx, value)
  const { f } = ctx
  const { precision, scale } = to
  if (precision > DECIMAL_DIGITS_MAX) {
    const { lanes, isLeftOut } = numericOf(ctx, value)
    return exactOfNumeric(ctx, asNumeric(lanes), to, isLeftOut)
  }
  f.get(lane(value))
    .i32(scale)
    .i64(10n ** BigInt(precision))
    .call(ctx.kernel('decimalOfText'))
  const result = keep(f, 'i64')
  f.get(result).i64(LEFT_OUT_64).op('i64.eq').if()
  const { lanes, isLeftOut } = numericOf(ctx, value)
  const [unscaled] = exactOfNumeric(ctx, asNumeric(lanes), to, isLeftOut).lanes
  f.get(present(unscaled, 'unscaled value')).set(result)
  f.end()
  return { lanes: [result] }
}

function asNumeric(lanes: readonly Local[]): Value {
  return { type: numeric, lanes, valid: undefined, range: undefined }
}
