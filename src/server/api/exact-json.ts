import { QueryError } from '../../base/errors.ts'
import { ExactNumber } from '../../engine/results/host-values.ts'

const DEPTH_MAX = 100

/**
 * Reads JSON as JSON.parse does, except that a number which JavaScript would round stays as it is
 * written, as an {@link ExactNumber}. Throws SyntaxError, as JSON.parse does.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // What holds no long number was read right.
  return /\d{15}|[\d.][eE]/.test(text) ? new Reader(text).read() : value
}

/** Reads text that is known to be JSON. */
class Reader {
  readonly #tokens: IterableIterator<RegExpMatchArray>

  constructor(text: string) {
    this.#tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s[\]{}",:]+/g)
  }

  read(): unknown {
    return this.#value(this.#next(), 0)
  }

  #next(): string {
    return (this.#tokens.next().value as RegExpMatchArray | undefined)?.[0] ?? ''
  }

  #value(token: string, depth: number): unknown {
    if (depth > DEPTH_MAX) {
      throw new QueryError('INVALID_PARAMETER_VALUE', 'the JSON is nested too deeply', {
        expected: `at most ${DEPTH_MAX} levels`,
      })
    }
    if (token === '[') return this.#array(depth)
    if (token === '{') return this.#object(depth)
    return /^[-\d]/.test(token) ? numberOf(token) : JSON.parse(token)
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = []
    for (let token = this.#next(); token !== ']'; token = this.#next()) {
      items.push(this.#value(token, depth + 1))
    }
    return items
  }

  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    for (let name = this.#next(); name !== '}'; name = this.#next()) {
      entries.push([String(JSON.parse(name)), this.#value(this.#next(), depth + 1)])
    }
    return Object.fromEntries(entries)
  }
}

function numberOf(token: string): number | ExactNumber {
  const value = Number(token)
  const isExact = Number.isFinite(value) && sameNumber(token, String(value))
  return isExact ? value : new ExactNumber(token)
}

function sameNumber(some: string, other: string): boolean {
  const [digits, exponent] = parts(some)
  const [otherDigits, otherExponent] = parts(other)
  return digits === otherDigits && (digits === '' || exponent === otherExponent)
}

/** Digits without zeros at both ends, and the power of ten of the last one. */
function parts(text: string): readonly [digits: string, exponent: number] {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? []
  const all = `${whole}${fraction}`.replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return [digits, Number(power) - fraction.length + all.length - digits.length]
}
