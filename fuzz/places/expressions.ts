import type { DataType } from '#heddle/data/types/data-type.js'
import type { Chooser } from '../chooser.ts'
import { calledEntries, calleeOf, casts, type Callee } from '../functions/calls.ts'
import type { Domain } from '../functions/domains.ts'
import { columnName, constant, type Column, type Text } from '../functions/rows.ts'

/** A call over columns, constants and other calls. */
export interface Call {
  readonly callee: Callee
  readonly args: readonly Argument[]
}

type Argument = { readonly domain: Domain } & (
  | { readonly kind: 'constant'; readonly value: Text }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'call'; readonly call: Call }
)

/** What calls are made of: as many of each as give most functions something to stand in. */
const CALLEES = 4_000
const CAST_CHANCE = 0.2
const DEPTH_MAX = 2
const CONSTANT_CHANCE = 0.2
const CALL_CHANCE = 0.5
const NULL_CHANCE = 0.05

/** Makes random calls that stand in each other. */
export class CallMaker {
  readonly #choose: Chooser
  readonly #callees: readonly Callee[]
  readonly #byResult = new Map<string, Callee[]>()

  /** `only`: part of the id of what stands outermost. */
  constructor(choose: Chooser, only: string) {
    this.#choose = choose
    const all = Array.from({ length: CALLEES }, () =>
      choose.chance(CAST_CHANCE)
        ? choose.pick(casts)
        : (calleeOf(choose.pick(calledEntries), choose) ?? choose.pick(casts)),
    )
    for (const callee of all) {
      const key = typeKey(callee.result)
      this.#byResult.set(key, [...(this.#byResult.get(key) ?? []), callee])
    }
    const wanted = [...calledEntries.flatMap((entry) => calleeOf(entry, choose) ?? []), ...casts]
    this.#callees = wanted.filter(({ id }) => id.includes(only))
  }

  make(): Call {
    return this.#call(this.#choose.pick(this.#callees), this.#choose.between(0, DEPTH_MAX))
  }

  #call(callee: Callee, depth: number): Call {
    const args = callee.domains.map((domain, place) =>
      this.#argument(domain, callee.constantPlaces.includes(place), depth),
    )
    return { callee, args }
  }

  #argument(domain: Domain, mustBeConstant: boolean, depth: number): Argument {
    const choose = this.#choose
    if (mustBeConstant) return { domain, kind: 'constant', value: domain.make(choose) }
    if (choose.chance(CONSTANT_CHANCE)) {
      const value = choose.chance(NULL_CHANCE) ? null : domain.make(choose)
      return { domain, kind: 'constant', value }
    }
    const fitting = this.#byResult.get(typeKey(domain.type)) ?? []
    if (depth > 0 && fitting.length > 0 && choose.chance(CALL_CHANCE)) {
      return { domain, kind: 'call', call: this.#call(choose.pick(fitting), depth - 1) }
    }
    return { domain, kind: 'column', name: columnName(domain, choose.pick(domain.forms)) }
  }
}

function typeKey(type: DataType): string {
  return type.kind === 'array' ? `${type.element.kind}[]` : type.kind
}

/** The text of a call over a table `v`. */
export function written({ callee, args }: Call): string {
  return callee.write(args.map(writtenArgument))
}

function writtenArgument(arg: Argument): string {
  switch (arg.kind) {
    case 'constant':
      return constant(arg.value, arg.domain)
    case 'column':
      return `v.${arg.name}`
    case 'call': {
      const { kind } = arg.domain.type
      const text = written(arg.call)
      // Of these a call gives other digits and lengths than the domain's.
      return kind === 'decimal' || kind === 'bpchar'
        ? `cast(${text} as ${arg.domain.declared})`
        : text
    }
  }
}

/** The same call over one row's values in place of the columns. */
export function ofRow(call: Call, columns: ReadonlyMap<string, Column>, row: number): Call {
  return replaced(call, (arg) => {
    if (arg.kind !== 'column') return arg
    const value = columns.get(arg.name)?.values[row] ?? null
    return { domain: arg.domain, kind: 'constant', value }
  })
}

function replaced({ callee, args }: Call, of: (arg: Argument) => Argument): Call {
  return {
    callee,
    args: args.map((arg) =>
      arg.kind === 'call' ? { ...arg, call: replaced(arg.call, of) } : of(arg),
    ),
  }
}

/** Whether a call has a column somewhere. */
export function hasColumn({ args }: Call): boolean {
  return args.some((arg) => arg.kind === 'column' || (arg.kind === 'call' && hasColumn(arg.call)))
}

/** Whether floats that are rounded otherwise may be anywhere in a call. */
export function isRounded({ callee, args }: Call): boolean {
  const isInside = args.some((arg) => arg.kind === 'call' && isRounded(arg.call))
  return isInside || callee.rounding !== undefined
}

/** Calls with one call less each. */
export function smaller(call: Call): readonly Call[] {
  return call.args.flatMap((arg, at): Call[] => {
    if (arg.kind !== 'call') return []
    const { domain } = arg
    const withArg = (other: Argument): Call => ({ ...call, args: call.args.with(at, other) })
    const name = columnName(domain, domain.forms[0] ?? 'any')
    const inside = smaller(arg.call).map((less) => withArg({ domain, kind: 'call', call: less }))
    return [withArg({ domain, kind: 'column', name }), ...inside]
  })
}
