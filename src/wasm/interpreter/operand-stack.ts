import type { ValueType } from '../assembler/opcodes.ts'

/** A slot of an operand holds any type. */
const OPERAND_BYTES = 16

/**
 * The operands of a function while it is translated: for each the slot that holds its value, which is its
 * own, by its height, or that of a local or of a constant. Slots of locals begin at 0, those of operands
 * behind them, those of constants lie before.
 */
export class OperandStack {
  /** Bytes of the locals. */
  readonly base: number
  readonly #slots: number[] = []
  readonly #types: ValueType[] = []
  #heightMax = 0

  constructor(base: number) {
    this.base = base
  }

  get height(): number {
    return this.#slots.length
  }

  /** Locals, and as many operands as there were at once. */
  get frameBytes(): number {
    return this.base + OPERAND_BYTES * this.#heightMax
  }

  push(slot: number, type: ValueType): void {
    this.#slots.push(slot)
    this.#types.push(type)
  }

  /** An operand in a slot of its own, which is returned. */
  pushNew(type: ValueType): number {
    const slot = this.#own(this.#slots.length)
    this.push(slot, type)
    return slot
  }

  /** Takes the top operand off and returns its slot. */
  pop(): number {
    this.#types.pop()
    return this.#slots.pop()!
  }

  drop(count: number): void {
    this.cut(this.#slots.length - count)
  }

  cut(height: number): void {
    this.#slots.length = height
    this.#types.length = height
  }

  /** By the distance from the top: -1 is the topmost. */
  slotAt(at: number): number {
    return this.#slots[this.#slots.length + at]!
  }

  typeAt(at: number): ValueType {
    return this.#types[this.#types.length + at]!
  }

  /** Moves the operands in slots from `first` to `last` to slots of their own. */
  forEachIn(
    first: number,
    last: number,
    move: (own: number, type: ValueType, from: number) => void,
  ): void {
    for (let at = 0; at < this.#slots.length; at++) {
      const slot = this.#slots[at]!
      if (slot < first || slot > last) continue
      this.#slots[at] = this.#own(at)
      move(this.#slots[at]!, this.#types[at]!, slot)
    }
  }

  /** Moves the topmost operand to a slot of its own. */
  settleTop(move: (own: number, type: ValueType, from: number) => void): void {
    const at = this.#slots.length - 1
    const slot = this.#slots[at]!
    const own = this.#own(at)
    if (slot === own) return
    this.#slots[at] = own
    move(own, this.#types[at]!, slot)
  }

  #own(at: number): number {
    this.#heightMax = Math.max(this.#heightMax, at + 1)
    return this.base + OPERAND_BYTES * at
  }
}
