import { assert, present } from '../base/assert.ts'
import { keysTell } from '../data/types/bare-list.ts'
import type { DataType, TypeKind } from '../data/types/data-type.ts'
import type { Local } from '../wasm/assembler/function-builder.ts'
import type { KernelName } from '../wasm/kernels/signatures.ts'
import { keep, keyedTextLane, lane } from './emit.ts'
import { widen } from './emit-wide.ts'
import type { InlineContext, Value } from './inline.ts'
import { valueKindOf, valueKinds } from '../wasm/kernels/value-kinds.ts'
import { LIST_TEXT_FACTOR, PAST_BYTES, pushSize, written } from './kernel-forms.ts'

/** How the text of a value is written by a kernel; it may leave values to TypeScript. */
interface TextWriter {
  readonly kernel: KernelName
  /** Bytes that it writes at most, or a kernel over the lanes that says so. */
  bytesMax(type: DataType): number | KernelName
  /** Pushes what the kernel takes before the address. */
  push(ctx: InlineContext, value: Value): void
}

const INTEGER_BYTES = 20
/** Digits, sign and point of 128 bits, without zeros behind the point. */
const EXACT_BYTES = 48
/** A timestamp of six digits of year and of second, with its zone, before Christ. */
const MOMENT_BYTES = 36

/** Years, months, days and time, each with a sign and its unit. */
const INTERVAL_BYTES = 72

/** 32 digits and four dashes. */
const UUID_BYTES = 36

const integer: TextWriter = {
  kernel: 'integerText',
  bytesMax: () => INTEGER_BYTES,
  push({ f }, value) {
    f.get(lane(value))
    if (f.typeOf(lane(value)) === 'i32') f.op('i64.extend_i32_s')
  },
}

function moment(kernel: KernelName, hasZone?: boolean): TextWriter {
  return {
    kernel,
    bytesMax: () => MOMENT_BYTES,
    push({ f }, value) {
      f.get(lane(value))
      if (hasZone !== undefined) f.i32(hasZone ? 1 : 0)
    },
  }
}

const FLOAT_BYTES = 32

function float(isSingle: boolean): TextWriter {
  return {
    kernel: 'floatText',
    bytesMax: () => FLOAT_BYTES,
    push({ f }, value) {
      f.get(lane(value))
      if (isSingle) f.op('f64.promote_f32')
      f.i32(isSingle ? 1 : 0)
    },
  }
}

const writers: Readonly<Partial<Record<TypeKind, TextWriter>>> = {
  int2: integer,
  int4: integer,
  int8: integer,
  decimal: {
    kernel: 'decimalText',
    bytesMax: (type) => EXACT_BYTES + scaleOf(type),
    push(ctx, value) {
      const { low, high } = widen(ctx, value)
      ctx.f.get(low).get(high).i32(scaleOf(value.type))
    },
  },
  numeric: {
    kernel: 'numericText',
    bytesMax: () => 'numericTextBytes',
    push: ({ f }, value) => void f.get(lane(value)).get(lane(value, 1)),
  },
  float4: float(true),
  float8: float(false),
  date: moment('dateText'),
  time: moment('timeText'),
  timestamp: moment('timestampText', false),
  timestamptz: moment('timestampText', true),
  interval: {
    kernel: 'intervalText',
    bytesMax: () => INTERVAL_BYTES,
    push: ({ f }, value) => void f.get(lane(value)).get(lane(value, 1)),
  },
  uuid: {
    kernel: 'uuidText',
    bytesMax: () => UUID_BYTES,
    push(ctx, value) {
      const { low, high } = widen(ctx, value)
      ctx.f.get(low).get(high)
    },
  },
}

function scaleOf(type: DataType): number {
  return type.kind === 'decimal' ? type.scale : 0
}

/** Types of which values are their text, or bring it along. */
const texts: Readonly<Partial<Record<TypeKind, 'whole' | 'keyed'>>> = {
  text: 'whole',
  bit: 'whole',
  varbit: 'whole',
  json: 'whole',
  jsonb: 'keyed',
  array: 'keyed',
  timetz: 'keyed',
}

/** Whether code writes the text of values of a type. */
export function writesText({ kind }: DataType): boolean {
  return kind === 'bool' || texts[kind] !== undefined || writers[kind] !== undefined
}

/**
 * Emits the view of a value's text, -1 for what is left to TypeScript. Booleans are spelled out, as a cast
 * has them, or are t and f.
 */
export function textOf(ctx: InlineContext, value: Value, truth: 'spelled' | 'letter'): Local {
  const { f } = ctx
  const place = texts[value.type.kind]
  if (value.type.kind === 'array' && keysTell(value.type.element)) return listText(ctx, value)
  if (place !== undefined) return place === 'whole' ? lane(value) : keyedTextLane(f, value)
  if (value.type.kind === 'bool') {
    f.get(lane(value)).i32(truth === 'spelled' ? 1 : 0)
    f.call(ctx.kernel('truthText'))
    return keep(f, 'i64')
  }
  const writer = present(writers[value.type.kind], `text of ${value.type.kind}`)
  const bytes = writer.bytesMax(value.type)
  if (typeof bytes === 'number') f.i32(bytes)
  else {
    writer.push(ctx, value)
    f.call(ctx.kernel(bytes))
  }
  f.i32(PAST_BYTES).op('i32.add')
  ctx.allocateText()
  const target = keep(f, 'i32')
  writer.push(ctx, value)
  f.get(target).call(ctx.kernel(writer.kernel))
  const view = keep(f, 'i64')
  ctx.settleText(target, view)
  return view
}

/** The text of an array that may be without it. */
function listText(ctx: InlineContext, array: Value): Local {
  const { type } = array
  assert(type.kind === 'array', 'list of another type')
  const kind = present(valueKindOf(type.element), 'kind of elements whose keys tell them')
  const pushBytes = (): void => {
    pushSize(ctx, array)
    ctx.f.i64(LIST_TEXT_FACTOR).op('i64.mul')
  }
  return written(ctx, 'listText', [array], pushBytes, () => {
    ctx.f.get(lane(array)).i32(valueKinds[kind])
  })
}
