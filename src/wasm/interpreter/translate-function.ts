import { assert, present } from '../../base/assert.ts'
import type { ModuleOutline } from '../assembler/module-builder.ts'
import { valueTypeCodes, type ValueType } from '../assembler/opcodes.ts'
import { CodeReader, simdCode } from './code-reader.ts'
import { jumps, laneCode, type Instruction, type InstructionSet } from './instruction-set.ts'
import { OperandStack } from './operand-stack.ts'
import type { WordBuffer } from './word-buffer.ts'

/** Where the words of functions are put, each behind those of the functions before it. */
export interface Target {
  readonly code: WordBuffer
  /** Two words each; the first lies in the slot right before the frame, the others before it. */
  readonly constants: WordBuffer
}

/** A function's code for the machine. Slots are named by their distance from the frame, in bytes. */
export interface TranslatedFunction {
  readonly constantsFrom: number
  readonly constantWords: number
  readonly codeFrom: number
  readonly codeWords: number
  /** Calls of other functions of the module, by the position of the instruction in the code. */
  readonly calls: readonly { readonly position: number; readonly callee: number }[]
  readonly clearedOffset: number
  readonly clearedBytes: number
  readonly frameBytes: number
}

/** A block, loop or if that is open. */
interface Block {
  readonly isLoop: boolean
  readonly result: ValueType | undefined
  /** Operands below it. */
  readonly height: number
  readonly start: number
  /** Jumps to its end. */
  readonly ends: number[]
  /** The jump of an if to its else or end. */
  otherwise: number | undefined
}

const EMPTY_BLOCK = 0x40
const typesByCode = new Map(
  Object.entries(valueTypeCodes).map(([type, code]) => [code, type as ValueType]),
)

const LANES_FIRST = simdCode(0x15)
const LANES_LAST = simdCode(0x22)

/** Translates the function at a position among those that a module defines. */
export function translateFunction(
  bytes: Uint8Array,
  outline: ModuleOutline,
  at: number,
  set: InstructionSet,
  target: Target,
): TranslatedFunction {
  return new FunctionTranslation(bytes, outline, at, set, target).run()
}

/**
 * One function while it is translated. The operand stack is worked out here, so that the machine knows
 * slots only: reading a local or a constant is no instruction, and what is stored in a local is put there
 * by the instruction that makes it.
 */
class FunctionTranslation {
  readonly #outline: ModuleOutline
  readonly #set: InstructionSet
  readonly #reader: CodeReader
  readonly #result: ValueType | undefined
  readonly #localOffsets: number[] = []
  readonly #localTypes: ValueType[] = []
  readonly #clearedOffset: number
  readonly #stack: OperandStack
  readonly #constants: WordBuffer
  readonly #constantsFrom: number
  readonly #code: WordBuffer
  readonly #codeFrom: number
  readonly #calls: { readonly position: number; readonly callee: number }[] = []
  readonly #blocks: Block[] = []
  /** The word that names the result of the last instruction, while nothing can come in between. */
  #target = -1
  /** Behind a jump nothing is run up to the end of the block. */
  #isDead = false
  /** Blocks that were opened there. */
  #deadBlocks = 0

  constructor(
    bytes: Uint8Array,
    outline: ModuleOutline,
    at: number,
    set: InstructionSet,
    { code, constants }: Target,
  ) {
    this.#outline = outline
    this.#set = set
    this.#code = code
    this.#codeFrom = code.length
    this.#constants = constants
    this.#constantsFrom = constants.length
    const { params, results, bodyOffset } = present(outline.functions[at], 'function')
    this.#result = results[0]
    this.#reader = new CodeReader(bytes, bodyOffset)
    let offset = 0
    const add = (type: ValueType): void => {
      this.#localOffsets.push(offset)
      this.#localTypes.push(type)
      offset += type === 'v128' ? 16 : 8
    }
    for (const param of params) {
      assert(param !== 'v128', 'a parameter of 128 bits')
      add(param)
    }
    this.#clearedOffset = offset
    for (let runs = this.#reader.unsigned(); runs > 0; runs--) {
      const count = this.#reader.unsigned()
      const type = present(typesByCode.get(this.#reader.byte()), 'type of a local')
      for (let local = 0; local < count; local++) add(type)
    }
    this.#stack = new OperandStack(offset)
  }

  run(): TranslatedFunction {
    while (!this.#step(this.#reader.next()));
    return {
      constantsFrom: this.#constantsFrom,
      constantWords: this.#constants.length - this.#constantsFrom,
      codeFrom: this.#codeFrom,
      codeWords: this.#code.length - this.#codeFrom,
      calls: this.#calls,
      clearedOffset: this.#clearedOffset,
      clearedBytes: this.#stack.base - this.#clearedOffset,
      frameBytes: this.#stack.frameBytes,
    }
  }

  /** Whether that was the function's end. */
  #step(code: number): boolean {
    if (this.#isDead && this.#skips(code)) return false
    const { first, second } = this.#reader
    switch (code) {
      case 0x00:
        this.#simple(this.#set.unreachable)
        this.#isDead = true
        break
      case 0x01:
        break
      case 0x02:
      case 0x03:
      case 0x04:
        this.#open(code, first)
        break
      case 0x05:
        this.#else()
        break
      case 0x0b:
        return this.#end()
      case 0x0c:
        this.#branch(first)
        break
      case 0x0d:
        this.#branchIf(first)
        break
      case 0x0f:
        this.#return()
        break
      case 0x10:
        this.#call(first)
        break
      case 0x11:
        // The position in the table, which is always 0.
        this.#stack.pop()
        this.#simple(present(this.#set.indirect, 'function of a table'))
        break
      case 0x1a:
        this.#stack.pop()
        break
      case 0x1b:
        this.#simple(this.#set.selects[this.#stack.typeAt(-2)])
        break
      case 0x20:
        this.#stack.push(this.#localOffsets[first]!, this.#localTypes[first]!)
        break
      case 0x21:
        this.#assign(first)
        break
      case 0x22:
        this.#assign(first)
        this.#stack.push(this.#localOffsets[first]!, this.#localTypes[first]!)
        break
      case 0x41:
        this.#constant('i32', first, second)
        break
      case 0x42:
        this.#constant('i64', first, second)
        break
      case 0x43:
        this.#constant('f32', first, second)
        break
      case 0x44:
        this.#constant('f64', first, second)
        break
      default:
        this.#plain(code, first, second)
    }
    return false
  }

  /** Whether an instruction behind a jump is left out: all but what ends the block that is left. */
  #skips(code: number): boolean {
    if (code >= 0x02 && code <= 0x04) {
      this.#deadBlocks++
      return true
    }
    if (code !== 0x05 && code !== 0x0b) return true
    if (this.#deadBlocks === 0) return false
    if (code === 0x0b) this.#deadBlocks--
    return true
  }

  #plain(code: number, first: number, second: number): void {
    const isLane = code >= LANES_FIRST && code <= LANES_LAST
    const found = this.#set.byCode[isLane ? laneCode(code, first) : code]
    this.#simple(present(found, `instruction ${code}`), second)
  }

  /** Emits an instruction whose operands are on top of the stack. */
  #simple({ number, params, result, hasOffset }: Instruction, offset = 0): void {
    const stack = this.#stack
    const code = this.#code
    code.push(number)
    const at = result === undefined ? -1 : code.push(0)
    for (let operand = -params.length; operand < 0; operand++) code.push(stack.slotAt(operand))
    if (hasOffset) code.push(offset)
    stack.drop(params.length)
    this.#target = at
    if (result !== undefined) code.set(at, stack.pushNew(result))
  }

  #constant(type: ValueType, low: number, high: number): void {
    this.#constants.push(low)
    const last = this.#constants.push(high)
    this.#stack.push(-4 * (last + 1 - this.#constantsFrom), type)
  }

  #copy(type: ValueType, from: number, to: number): void {
    this.#emit(this.#set.copies[type].number, to, from)
  }

  /** Takes the value on top of the stack into a local. */
  #assign(local: number): void {
    const stack = this.#stack
    const offset = this.#localOffsets[local]!
    const from = stack.pop()
    // What was read of the local before is still to be used.
    stack.forEachIn(offset, offset, (slot, type) => this.#copy(type, offset, slot))
    const target = this.#target
    if (target >= 0 && this.#code.at(target) === from) this.#code.set(target, offset)
    else if (from !== offset) this.#copy(this.#localTypes[local]!, from, offset)
    this.#target = -1
  }

  #open(code: number, type: number): void {
    const condition = code === 0x04 ? this.#stack.pop() : 0
    // Locals may get other values on some of the ways from here on.
    this.#stack.forEachIn(0, this.#stack.base - 1, (slot, type, local) => {
      this.#copy(type, local, slot)
    })
    const block: Block = {
      isLoop: code === 0x03,
      result: type === EMPTY_BLOCK ? undefined : present(typesByCode.get(type), 'type of a block'),
      height: this.#stack.height,
      start: this.#code.length,
      ends: [],
      otherwise: undefined,
    }
    if (code === 0x04) {
      block.otherwise = this.#code.length
      this.#emit(jumps.branchUnless, 0, condition)
    }
    this.#blocks.push(block)
    this.#target = -1
  }

  #else(): void {
    const block = present(this.#blocks.at(-1), 'else without an if')
    if (!this.#isDead) {
      this.#carry(block)
      block.ends.push(this.#code.length)
      this.#emit(jumps.branch, 0)
    }
    this.#landHere(present(block.otherwise, 'second else'))
    block.otherwise = undefined
    this.#stack.cut(block.height)
    this.#target = -1
    this.#isDead = false
  }

  #end(): boolean {
    const block = this.#blocks.pop()
    if (block === undefined) {
      if (!this.#isDead) this.#return()
      return true
    }
    if (!this.#isDead) this.#carry(block)
    if (block.otherwise !== undefined) this.#landHere(block.otherwise)
    for (const jump of block.ends) this.#landHere(jump)
    this.#stack.cut(block.height)
    if (block.result !== undefined) this.#stack.pushNew(block.result)
    this.#target = -1
    this.#isDead = false
    return false
  }

  /** Puts the result of a block, which is on top of the stack, where what follows the block finds it. */
  #carry(block: Block): void {
    if (block.result === undefined) return
    assert(this.#stack.height === block.height + 1, 'operands are left below the result of a block')
    this.#stack.settleTop((slot, type, from) => this.#copy(type, from, slot))
  }

  #branch(depth: number): void {
    const block = this.#blockAt(depth)
    if (!block.isLoop) this.#carry(block)
    this.#jump(block, jumps.branch)
    this.#isDead = true
  }

  #branchIf(depth: number): void {
    const condition = this.#stack.pop()
    const block = this.#blockAt(depth)
    if (!block.isLoop) this.#carry(block)
    this.#jump(block, jumps.branchIf, condition)
  }

  #jump(block: Block, number: number, condition?: number): void {
    const at = this.#code.length
    if (!block.isLoop) block.ends.push(at)
    this.#emit(number, block.isLoop ? 4 * (block.start - at) : 0, condition)
  }

  /** Emits an instruction of two or three words whose result is where it is to be. */
  #emit(number: number, second: number, third?: number): void {
    this.#code.push(number)
    this.#code.push(second)
    if (third !== undefined) this.#code.push(third)
    this.#target = -1
  }

  #blockAt(depth: number): Block {
    return present(this.#blocks[this.#blocks.length - 1 - depth], 'branch out of the function')
  }

  /** Makes a jump lead to what comes next. */
  #landHere(jump: number): void {
    this.#code.set(jump + 1, 4 * (this.#code.length - jump))
  }

  #return(): void {
    if (this.#result !== undefined) this.#copy(this.#result, this.#stack.slotAt(-1), 0)
    this.#simple(this.#set.return)
    this.#isDead = true
  }

  #call(index: number): void {
    const { imports, functions } = this.#outline
    const imported = imports[index]
    if (imported !== undefined) {
      const { module, name } = imported
      this.#simple(present(this.#set.linked(module, name), `function ${module}.${name}`))
      return
    }
    const callee = index - imports.length
    const { params, results } = present(functions[callee], 'called function')
    const stack = this.#stack
    const code = this.#code
    this.#calls.push({ position: code.length - this.#codeFrom, callee })
    code.push(jumps.call)
    code.push(0)
    const at = code.push(0)
    code.push(params.length)
    for (let operand = -params.length; operand < 0; operand++) code.push(stack.slotAt(operand))
    stack.drop(params.length)
    const [result] = results
    code.set(at, stack.pushNew(result ?? 'i64'))
    if (result === undefined) stack.pop()
    this.#target = result === undefined ? -1 : at
  }
}
