import { QueryError } from '../../../base/errors.ts'
import { lowerOf } from '../letters.ts'
import type { Machine } from './machine.ts'
import type { Part } from './parts.ts'
import { codesOf, type Subject } from './subject.ts'

/** Characters looked at for one text by a pattern with back references, before it is given up. */
export const BACK_REFERENCE_STEPS_MAX = 50_000_000

/**
 * Divides a match among the parts of a pattern, to find its groups. Without back references every
 * part is cut once, at a place where both sides match, which is found by reading one side forward and
 * the other backward. With them, cuts are tried in the order of preference, as PostgreSQL does.
 */
export class Divider {
  readonly #machine: Machine
  readonly #subject: Subject
  readonly #ignoreCase: boolean
  /** Start and end of each group, -1 where it has no match; group 0 is the whole match. */
  readonly places: Int32Array
  /** Work space, made when first needed. */
  #ahead: Uint8Array | undefined
  #behind: Uint8Array | undefined
  #codes: Int32Array | undefined

  constructor(machine: Machine, subject: Subject, groups: number, ignoreCase: boolean) {
    this.#machine = machine
    this.#subject = subject
    this.#ignoreCase = ignoreCase
    this.places = new Int32Array(2 * groups + 2).fill(-1)
  }

  /** Whether a part matches exactly from start to end, as its automaton says it may. */
  divide(part: Part, start: number, end: number): boolean {
    if (part.captures[1] === 0 && !part.hasBack) return true
    if (!this.#divideInside(part, start, end)) return false
    if (part.capture > 0) {
      this.places[2 * part.capture] = start
      this.places[2 * part.capture + 1] = end
    }
    return true
  }

  #divideInside(part: Part, start: number, end: number): boolean {
    switch (part.kind) {
      case 'whole':
        return true
      case 'back':
        return this.#repeats(part, start, end)
      case 'wrapper':
        return part.children.every((child) => this.divide(child, start, end))
      case 'choice':
        return part.children.some(
          (child) => this.#matches(child, start, end) && this.divide(child, start, end),
        )
      case 'sequence':
        return part.hasBack ? this.#tryCuts(part, start, end) : this.#cut(part, start, end)
      case 'loop':
        if (start === end && part.min === 0 && !part.hasBack) return this.#loopOnce(part, start)
        if (part.hasBack || part.max !== Infinity) return this.#tryLoop(part, start, end)
        return this.#loop(part, start, end)
    }
  }

  #longest(part: Part, start: number, limit: number): number {
    const automaton = this.#machine.automaton(part.tree, 'forward')
    return automaton.longest(this.#subject, start, limit)
  }

  #shortest(part: Part, start: number, least: number, limit: number): number {
    if (least > limit) return -1
    const automaton = this.#machine.automaton(part.tree, 'forward')
    return automaton.shortest(this.#subject, start, least, limit)
  }

  #matches(part: Part, start: number, end: number): boolean {
    return this.#longest(part, start, end) === end
  }

  /** Where the first of two parts ends if both match; without back references there is such a place. */
  #cut(part: Part, start: number, end: number): boolean {
    const [first, rest] = part.children
    if (first === undefined || rest === undefined) return false
    const middle = this.#middle(first, rest, start, end)
    return this.divide(first, start, middle) && this.divide(rest, middle, end)
  }

  #middle(first: Part, rest: Part, start: number, end: number): number {
    const short = first.prefersShort
    const guess = short
      ? this.#shortest(first, start, start, end)
      : this.#longest(first, start, end)
    if (this.#matches(rest, guess, end)) return guess
    const behind = this.#placesBehind(rest, start, end)
    return this.#chosen(first, start, start, end, behind)
  }

  /** Marks the places from which a part matches up to an end. */
  #placesBehind(part: Part, start: number, end: number): Uint8Array {
    this.#behind ??= new Uint8Array(this.#subject.length + 1)
    const behind = this.#behind.fill(0, start, end + 1)
    this.#machine.automaton(part.tree, 'backward').mark(this.#subject, end, start, behind)
    return behind
  }

  /** The preferred end of a part from `start` on, at `least` or later, that is marked as possible. */
  #chosen(part: Part, start: number, least: number, end: number, behind: Uint8Array): number {
    this.#ahead ??= new Uint8Array(this.#subject.length + 1)
    const ahead = this.#ahead.fill(0, start, end + 1)
    this.#machine.automaton(part.tree, 'forward').mark(this.#subject, start, end, ahead)
    const possible = (place: number): boolean => ahead[place] === 1 && behind[place] === 1
    if (part.prefersShort) {
      for (let place = least; place <= end; place++) if (possible(place)) return place
    } else for (let place = end; place >= least; place--) if (possible(place)) return place
    return end
  }

  /**
   * Repetitions that fill a stretch; only the last one's groups count. Nothing is one repetition if
   * that can match it and does not prefer less, else none.
   */
  #loop(part: Part, start: number, end: number): boolean {
    const [child] = part.children
    if (child === undefined) return false
    const behind = this.#placesBehind(part, start, end)
    let from = start
    for (;;) {
      let to = child.prefersShort ? -1 : this.#longest(child, from, end)
      if (to <= from || behind[to] !== 1) to = this.#chosen(child, from, from + 1, end, behind)
      if (to === end) return this.divide(child, from, end)
      from = to
    }
  }

  #loopOnce({ children: [child] }: Part, place: number): boolean {
    if (child === undefined || child.prefersShort || !this.#matches(child, place, place))
      return true
    return this.divide(child, place, place)
  }

  #forget({ captures: [first, last] }: Part): void {
    if (first <= last) this.places.fill(-1, 2 * first, 2 * last + 2)
  }

  #checkSteps(): void {
    if (this.#subject.steps <= BACK_REFERENCE_STEPS_MAX) return
    throw new QueryError(
      'STATEMENT_TOO_COMPLEX',
      'regular expression takes too many steps on this text',
      { hint: 'Back references and counted groups are tried out; a pattern without them is not.' },
    )
  }

  #tryCuts(part: Part, start: number, end: number): boolean {
    const [first, rest] = part.children
    if (first === undefined || rest === undefined) return false
    const short = first.prefersShort
    let middle = short ? this.#shortest(first, start, start, end) : this.#longest(first, start, end)
    while (middle >= 0) {
      this.#checkSteps()
      if (
        this.#matches(rest, middle, end) &&
        this.divide(first, start, middle) &&
        this.divide(rest, middle, end)
      ) {
        return true
      }
      if (middle === (short ? end : start)) return false
      middle = short
        ? this.#shortest(first, start, middle + 1, end)
        : this.#longest(first, start, middle - 1)
      this.#forget(part)
    }
    return false
  }

  /** The text of a group again, some times. */
  #repeats({ group, min, max }: Part, start: number, end: number): boolean {
    const from = this.places[2 * group] ?? -1
    const size = (this.places[2 * group + 1] ?? -1) - from
    if (from < 0) return false
    if (start === end) return size === 0 || min === 0
    if (size === 0 || (end - start) % size !== 0) return false
    const times = (end - start) / size
    if (times < min || times > max) return false
    for (let at = 0; at < end - start; at++) {
      if (!this.#sameLetter(from + (at % size), start + at)) return false
    }
    return true
  }

  #sameLetter(left: number, right: number): boolean {
    const [first, second] = [this.#codeAt(left), this.#codeAt(right)]
    return first === second || (this.#ignoreCase && lowerOf(first) === lowerOf(second))
  }

  #codeAt(place: number): number {
    if (!this.#subject.isWide) return this.#subject.text.charCodeAt(place)
    this.#codes ??= codesOf(this.#subject)
    return this.#codes[place] ?? 0
  }

  /** Tries the ends of repetitions in the order of preference until their contents match, too. */
  #tryLoop(part: Part, start: number, end: number): boolean {
    const [child] = part.children
    if (child === undefined) return false
    const least = Math.max(1, part.min)
    const most = Math.max(least, Math.min(part.max, end - start))
    const ends = [start]
    const short = child.prefersShort
    if (short && part.min === 0 && start === end) return true
    let checked = 0
    let count = 1
    let limit = short ? start : end
    while (count > 0) {
      this.#checkSteps()
      const from = ends[count - 1] ?? start
      const needed = count < least && least - count >= end - from
      if (short && limit === from && limit !== end && !needed) limit++
      // The last repetition that is allowed must reach the end.
      if (short && count >= most) limit = end
      const to = short ? this.#shortest(child, from, limit, end) : this.#longest(child, from, limit)
      ends[count] = to
      if (to < 0) count--
      else {
        checked = Math.min(checked, count - 1)
        const empty = !short && to === from && !needed
        if (to !== end && count < most && !empty) {
          count++
          limit = short ? to : end
          continue
        }
        if (to !== end && count >= most) count--
        else if (to === end && count >= least) {
          checked = this.#checkLoop(child, ends, checked, count)
          if (checked === count) return true
        }
      }
      ;[count, limit] = short ? lengthened(ends, count, end) : shortened(ends, count, least, end)
    }
    this.#forget(child)
    return part.min === 0 && start === end
  }

  #checkLoop(child: Part, ends: readonly number[], checked: number, count: number): number {
    for (let at = checked + 1; at <= count; at++) {
      this.#forget(child)
      if (!this.divide(child, ends[at - 1] ?? 0, ends[at] ?? 0)) return at - 1
    }
    return count
  }
}

/** Which repetition to shorten next, and to where at most. */
function shortened(
  ends: readonly number[],
  count: number,
  least: number,
  end: number,
): [count: number, limit: number] {
  for (let at = count; at > 0; at--) {
    const before = ends[at - 1] ?? 0
    const limit = (ends[at] ?? 0) - 1
    if (limit < before) continue
    if (limit > before || (at < least && least - at >= end - before)) return [at, limit]
  }
  return [0, 0]
}

/** Which repetition to lengthen next, and to where at least. */
function lengthened(
  ends: readonly number[],
  count: number,
  end: number,
): [count: number, limit: number] {
  for (let at = count; at > 0; at--) {
    if ((ends[at] ?? 0) < end) return [at, (ends[at] ?? 0) + 1]
  }
  return [0, 0]
}
