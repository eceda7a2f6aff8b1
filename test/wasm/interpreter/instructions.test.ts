import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import type { FunctionBuilder, Local } from '../../../src/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../src/wasm/assembler/module-builder.ts'
import {
  memoryOpcodes,
  opcodes,
  simdLaneOpcodes,
  simdMemoryOpcodes,
  simdOpcodes,
  type ValueType,
} from '../../../src/wasm/assembler/opcodes.ts'
import {
  laneCount,
  numericSignature,
  simdLaneSignature,
  simdSignature,
  type ControlOpcode,
  type Signature,
} from '../../../src/wasm/assembler/signatures.ts'
import { heap, runBoth, type Round, type Trace } from './both.ts'

const keys = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(table) as K[]

const control = new Set<string>(['unreachable', 'nop', 'return', 'drop', 'select'])

type Case = readonly [name: string, signature: Signature, emit: (f: FunctionBuilder) => void]

const cases: readonly Case[] = [
  ...keys(opcodes)
    .filter((name): name is Exclude<typeof name, ControlOpcode> => !control.has(name))
    .map((name): Case => [name, numericSignature(name), (f) => f.op(name)]),
  ...keys(simdOpcodes).map((name): Case => [name, simdSignature(name), (f) => f.simd(name)]),
  ...keys(simdLaneOpcodes).flatMap((name) =>
    Array.from({ length: laneCount(name) }, (_, lane): Case => {
      return [`${name} ${lane}`, simdLaneSignature(name), (f) => f.simdLane(name, lane)]
    }),
  ),
  ...(['i32', 'i64', 'f32', 'f64', 'v128'] as const).map((type): Case => {
    const signature: Signature = { params: [type, type, 'i32'], result: type }
    return [`select of ${type}`, signature, (f) => f.op('select')]
  }),
]

/** Numbers at which instructions change what they do. */
const edges: Readonly<Record<'i32' | 'i64' | 'f32' | 'f64', readonly (number | bigint)[]>> = {
  i32: [0, 1, -1, 2, 31, 32, 33, 127, 128, 255, 32_767, 65_535, 2 ** 31 - 1, -(2 ** 31)],
  i64: [
    0n,
    1n,
    -1n,
    63n,
    64n,
    255n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ],
  f32: [0, -0, 1, -1.5, 0.5, 1e-40, 3.4e38, Infinity, -Infinity, Number.NaN, 2 ** 24 + 1],
  f64: [0, -0, 1, -2.5, 0.5, 1.5, 5e-324, 1e308, 2 ** 53, Infinity, -Infinity, Number.NaN, 2 ** 31],
}

function writeRandom(random: Random, type: ValueType, at: number): void {
  const { view } = heap
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!
  const bits = (): number => Math.floor(random.next() * 2 ** 32)
  if (type === 'v128') {
    for (let lane = 0; lane < 16; lane += 4) writeRandom(random, 'i32', at + lane)
    return
  }
  const isEdge = random.next() < 0.7
  const value = pick(edges[type])
  if (type === 'i32') view.setInt32(at, isEdge ? Number(value) : bits(), true)
  else if (type === 'f32') view.setFloat32(at, isEdge ? Number(value) : random.next() * 1e6, true)
  else if (type === 'f64') view.setFloat64(at, isEdge ? Number(value) : random.next() * 1e12, true)
  else if (isEdge) view.setBigInt64(at, value as bigint, true)
  else {
    view.setUint32(at, bits(), true)
    view.setUint32(at + 4, bits(), true)
  }
}

/** Where the result is left, behind the operands. */
const RESULT_AT = 64

/** Engines may choose the bits of a NaN. */
function settled({ memory, error }: Trace, result: ValueType | undefined): string {
  const bytes = Buffer.from(memory, 'hex')
  const isNaN =
    (result === 'f32' && Number.isNaN(bytes.readFloatLE(RESULT_AT))) ||
    (result === 'f64' && Number.isNaN(bytes.readDoubleLE(RESULT_AT)))
  return isNaN ? 'NaN' : (error ?? memory)
}

/** A module with one function, which is given the address of its memory. */
function moduleOf(emit: (f: FunctionBuilder, block: Local) => void): ModuleBuilder {
  const module = new ModuleBuilder(heap.pages)
  const { builder: f } = module.defineFunction(['i32', 'i32', 'i32'], [], 'run')
  emit(f, f.param(0))
  return module
}

test.each(cases)('%s does what it does in the engine', (name, { params, result }, emit) => {
  const module = moduleOf((f, block) => {
    if (result !== undefined) f.get(block)
    params.forEach((type, at) => f.get(block).memory(`${type}.load`, 16 * at))
    emit(f)
    if (result !== undefined) f.memory(`${result}.store`, RESULT_AT)
  })
  const rounds = Array.from({ length: 60 }, (_, round) => ({
    prepare: (at: number) => {
      const random = seededRandom(round * 1_000 + name.length)
      params.forEach((type, operand) => writeRandom(random, type, at + 16 * operand))
    },
  }))
  const traces = runBoth(module, 96, rounds)
  const [engine, interpreted] = [0, 1].map((at) => traces.map((pair) => settled(pair[at]!, result)))
  expect(interpreted).toEqual(engine)
})

const accesses = [...keys(memoryOpcodes), ...keys(simdMemoryOpcodes)]

test.each(accesses)('%s reads and writes the same bytes', (name) => {
  const [type, action] = name.split('.') as [ValueType, string]
  const prepare = (at: number): void => {
    for (let byte = 0; byte < 64; byte++) heap.u8[at + byte] = (byte * 89 + 130) & 255
  }
  for (const offset of [0, 3, 40]) {
    const module = moduleOf((f, block) => {
      f.get(block).get(block)
      if (action.startsWith('load')) f.memory(name, offset).memory(`${type}.store`, 64)
      else f.memory(`${type}.load`, 16).memory(name, offset)
    })
    expectSame(module, 128, { prepare })
  }
})

test('bytes are copied and filled', () => {
  const module = moduleOf((f, block) => {
    f.get(block).i32(40).op('i32.add').get(block).i32(13).memoryCopy()
    f.get(block).i32(20).op('i32.add').i32(0x1ab).get(f.param(1)).memoryFill()
  })
  const prepare = (at: number): void => {
    for (let byte = 0; byte < 40; byte++) heap.u8[at + byte] = byte
  }
  expectSame(module, 96, { prepare, second: 7 })
})

test.each([
  ['i32', [0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31), 1 << 27, -(1 << 27) - 1]],
  [
    'i64',
    [
      0n,
      -1n,
      2n ** 27n,
      -(2n ** 28n),
      2n ** 34n - 1n,
      -(2n ** 35n),
      2n ** 62n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ],
  ],
  ['f32', [0, -0, 1.1, Number.NaN, -Infinity]],
  ['f64', [0, -0, 1.1, Number.NaN, 5e-324]],
] as const)('constants of %s are whole', (type, values) => {
  const module = moduleOf((f, block) => {
    values.forEach((value, at) => {
      f.get(block)
      if (type === 'i64') f.i64(value as bigint)
      else f[type](value as number)
      f.memory(`${type}.store`, 8 * at)
    })
  })
  expectSame(module, 96, { prepare: () => {} })
})

function expectSame(module: ModuleBuilder, bytes: number, round: Round): void {
  const [[engine, interpreted]] = runBoth(module, bytes, [round]) as [readonly [Trace, Trace]]
  expect(engine.error).toBe(undefined)
  expect(interpreted).toEqual(engine)
}
