import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import type {
  FunctionBuilder,
  FunctionIndex,
  Label,
  Local,
} from '../../../src/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../src/wasm/assembler/module-builder.ts'
import { heap, note, runBoth, tabled } from './both.ts'

type Word = 'i32' | 'i64'

const operators = {
  i32: ['i32.add', 'i32.sub', 'i32.mul', 'i32.xor', 'i32.shl', 'i32.lt_s', 'i32.eq'],
  i64: ['i64.add', 'i64.sub', 'i64.mul', 'i64.and', 'i64.rotl', 'i64.shr_u'],
} as const

interface Callee {
  readonly index: FunctionIndex
  readonly params: readonly Word[]
  readonly result: Word | undefined
}

/** Emits functions that end, of every kind of block, and that leave traces of what they do in memory. */
class Program {
  readonly module = new ModuleBuilder(heap.pages)
  readonly #random: Random
  readonly #callees: Callee[] = []

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    for (let fn = 0; fn < 3; fn++) this.#callees.push(this.#callee())
    const { builder } = this.module.defineFunction(['i32', 'i32', 'i32'], [], 'run')
    new Body(builder, this.module, this.#random, this.#callees, undefined).emit(5)
  }

  #callee(): Callee {
    const pick = (): Word => (this.#random.next() < 0.5 ? 'i32' : 'i64')
    const params: Word[] = ['i32', ...Array.from({ length: this.#random.next() * 4 }, pick)]
    const result = this.#random.next() < 0.7 ? pick() : undefined
    const { builder, index } = this.module.defineFunction(params, result ? [result] : [])
    new Body(builder, this.module, this.#random, [...this.#callees], result).emit(3)
    return { index, params, result }
  }
}

class Body {
  readonly #f: FunctionBuilder
  readonly #module: ModuleBuilder
  readonly #random: Random
  readonly #callees: readonly Callee[]
  readonly #result: Word | undefined
  readonly #locals: Readonly<Record<Word, Local[]>>
  /** Blocks that may be left, and loops' counters are not among the locals. */
  readonly #labels: Label[] = []

  constructor(
    f: FunctionBuilder,
    module: ModuleBuilder,
    random: Random,
    callees: readonly Callee[],
    result: Word | undefined,
  ) {
    this.#f = f
    this.#module = module
    this.#random = random
    this.#callees = callees
    this.#result = result
    const given = f.params.map((type, at) => ({ type, local: f.param(at) })).slice(1)
    const own = (type: Word): Local[] => [
      ...given.filter((param) => param.type === type).map(({ local }) => local),
      ...Array.from({ length: 3 }, () => f.local(type)),
    ]
    this.#locals = { i32: own('i32'), i64: own('i64') }
  }

  emit(depth: number): void {
    const f = this.#f
    const seen = this.#pick(this.#locals.i64)
    const hoisted = f.hoisted('i32', () => f.get(f.param(0)).memory('i32.load', 8))
    this.#locals.i32.push(hoisted)
    this.#statements(depth)
    f.get(f.param(0)).get(seen).memory('i64.store', 48)
    for (const [at, local] of this.#locals.i32.entries()) {
      f.get(f.param(0))
        .get(local)
        .memory('i32.store', 64 + 4 * (at % 8))
    }
    if (this.#result !== undefined) this.#expression(this.#result, 2)
  }

  #statements(depth: number): void {
    const count = 1 + this.#random.next() * 4
    for (let at = 0; at < count; at++) this.#statement(depth)
  }

  #statement(depth: number): void {
    const f = this.#f
    const word: Word = this.#random.next() < 0.5 ? 'i32' : 'i64'
    const kind = Math.floor(this.#random.next() * (depth > 0 ? 11 : 4))
    switch (kind) {
      case 0:
      case 1:
        this.#expression(word, 3)
        f.set(this.#pick(this.#locals[word]))
        break
      case 2:
        f.get(f.param(0))
        this.#expression(word, 2)
        f.memory(`${word}.store`, 16 + 8 * Math.floor(this.#random.next() * 4))
        break
      case 3:
        this.#call(f, this.#random.next() < 0.5)
        break
      case 4:
        this.#expression('i32', 2)
        f.if()
        this.#statements(depth - 1)
        if (this.#random.next() < 0.6) {
          f.else()
          this.#statements(depth - 1)
        }
        f.end()
        break
      case 5:
        this.#loop(depth)
        break
      case 6:
      case 7:
        this.#block(depth)
        break
      case 8:
        this.#leave()
        break
      case 9:
        // What stands behind a jump is never run.
        this.#expression('i32', 1)
        f.if()
        this.#jumpOrReturn()
        this.#statements(depth - 1)
        f.end()
        break
      default:
        this.#expression(word, 2)
        f.op('drop')
    }
  }

  #block(depth: number): void {
    const label = this.#f.block()
    this.#labels.push(label)
    this.#statements(depth - 1)
    this.#leave()
    this.#statements(depth - 1)
    this.#labels.pop()
    this.#f.end()
  }

  /** Turns a few times; the counter is no local that others know. */
  #loop(depth: number): void {
    const f = this.#f
    const turns = f.hoisted('i32', () => f.i32(0))
    f.i32(0).set(turns)
    const again = f.loop()
    const label = f.block()
    this.#labels.push(label)
    this.#statements(Math.min(depth - 1, 2))
    this.#labels.pop()
    f.end()
    f.get(turns).i32(1).op('i32.add').tee(turns).i32(3).op('i32.lt_s').branchIf(again)
    f.end()
  }

  #leave(): void {
    const label = this.#labels.at(Math.floor(this.#random.next() * this.#labels.length))
    if (label === undefined) return
    this.#expression('i32', 1)
    this.#f.branchIf(label)
  }

  #jumpOrReturn(): void {
    const f = this.#f
    const label = this.#labels.at(-1)
    if (label !== undefined && this.#random.next() < 0.7) f.branch(label)
    else {
      if (this.#result !== undefined) this.#expression(this.#result, 1)
      f.op('return')
    }
  }

  /** Calls an imported function or one of the module; leaves nothing. */
  #call(f: FunctionBuilder, isImported: boolean): void {
    const callee = this.#callees[Math.floor(this.#random.next() * this.#callees.length)]
    if (isImported || callee === undefined) {
      if (this.#random.next() < 0.5) {
        this.#expression('i32', 1)
        this.#expression('i64', 1)
        f.call(this.#module.importFunction(note.module, note.name, note.params, note.results))
      } else {
        for (const _ of tabled.params) this.#expression('i32', 1)
        const { module, name, params, results } = tabled
        f.i32(0).callIndirect(this.#module.importTable(module, name, params, results))
      }
      f.op('drop')
      return
    }
    this.#passed(callee)
    if (callee.result !== undefined) f.set(this.#pick(this.#locals[callee.result]))
  }

  #passed({ index, params }: Callee): void {
    const f = this.#f
    f.get(f.param(0))
    for (const type of params.slice(1)) this.#expression(type, 1)
    f.call(index)
  }

  /** Leaves a value. Locals that are read may be written while the value waits. */
  #expression(word: Word, depth: number): void {
    const f = this.#f
    const kind = depth === 0 ? this.#random.next() * 3 : this.#random.next() * 10
    if (kind < 1) this.#constant(word)
    else if (kind < 3) f.get(this.#pick(this.#locals[word]))
    else if (kind < 4) {
      this.#expression(word, depth - 1)
      f.tee(this.#pick(this.#locals[word]))
    } else if (kind < 5) {
      this.#expression('i32', depth - 1)
      f.if(word)
      this.#expression(word, depth - 1)
      f.else()
      this.#statement(0)
      this.#expression(word, depth - 1)
      f.end()
    } else if (kind < 6) {
      this.#expression(word, depth - 1)
      this.#expression(word, depth - 1)
      this.#expression('i32', depth - 1)
      f.op('select')
    } else if (kind < 7) {
      this.#expression(word === 'i32' ? 'i64' : 'i32', depth - 1)
      f.op(word === 'i32' ? 'i32.wrap_i64' : 'i64.extend_i32_s')
    } else {
      const operator = this.#pick<(typeof operators)[Word][number]>(operators[word])
      this.#expression(word, depth - 1)
      this.#expression(word, depth - 1)
      f.op(operator)
    }
  }

  #constant(word: Word): void {
    const value = Math.floor((this.#random.next() - 0.5) * 2 ** (this.#random.next() * 33))
    if (word === 'i32') this.#f.i32(value)
    else this.#f.i64(BigInt(value) * (this.#random.next() < 0.5 ? 1n : 4_294_967_297n))
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.next() * items.length)]!
  }
}

describe('random programs', () => {
  test.each(Array.from({ length: 150 }, (_, at) => at + 1))('program %i', (seed) => {
    const { module } = new Program(seed)
    const prepare = (at: number): void => {
      for (let byte = 0; byte < 96; byte++) heap.u8[at + byte] = (byte * seed) & 255
    }
    const rounds = [{ prepare, second: seed, third: -seed * 77 }]
    for (const [engine, interpreted] of runBoth(module, 96, rounds)) {
      expect(interpreted).toEqual(engine)
    }
  })
})
