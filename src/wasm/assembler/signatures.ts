import type { Opcode, SimdLaneOpcode, SimdOpcode, ValueType } from './opcodes.ts'

/** What an instruction takes off the stack and puts there. */
export interface Signature {
  readonly params: readonly ValueType[]
  readonly result: ValueType | undefined
}

/** Those that are not told by {@link numericSignature}: their types are those of what is around them. */
export type ControlOpcode = 'unreachable' | 'nop' | 'return' | 'drop' | 'select'
export type NumericOpcode = Exclude<Opcode, ControlOpcode>

const comparison = /^(?:eq|ne|lt|gt|le|ge)(?:_[su])?$/
const conversion = /_([if](?:32|64))(?:_[su])?$/
const unary = /^(?:clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt|extend\d+_s)$/

/** The signature that an instruction's name says. */
export function numericSignature(name: NumericOpcode): Signature {
  const [type, action] = name.split('.') as [ValueType, string]
  if (action === 'eqz') return { params: [type], result: 'i32' }
  const [, from] = conversion.exec(action) ?? []
  if (from !== undefined) return { params: [from as ValueType], result: type }
  if (unary.test(action)) return { params: [type], result: type }
  return { params: [type, type], result: comparison.test(action) ? 'i32' : type }
}

const unarySimd = /^(?:not|extend_.*)$/

/** The same for instructions on 128 bits. */
export function simdSignature(name: SimdOpcode): Signature {
  const [, action = ''] = name.split('.')
  if (action === 'splat') return { params: [laneType(name)], result: 'v128' }
  if (action === 'any_true' || action === 'bitmask') return { params: ['v128'], result: 'i32' }
  if (action === 'shl') return { params: ['v128', 'i32'], result: 'v128' }
  if (unarySimd.test(action)) return { params: ['v128'], result: 'v128' }
  return { params: ['v128', 'v128'], result: 'v128' }
}

export function simdLaneSignature(name: SimdLaneOpcode): Signature {
  const lane = laneType(name)
  return name.endsWith('.extract_lane')
    ? { params: ['v128'], result: lane }
    : { params: ['v128', lane], result: 'v128' }
}

/** How many lanes the shape at the start of a name has. */
export function laneCount(name: SimdLaneOpcode): number {
  return Number(/x(\d+)\./.exec(name)?.[1])
}

/** Lanes of less than 32 bits are passed as i32. */
function laneType(name: string): ValueType {
  const [shape = ''] = name.split('x')
  return shape === 'i64' || shape === 'f32' || shape === 'f64' ? shape : 'i32'
}
