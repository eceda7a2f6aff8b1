import type { AggregateFunction, ArgumentKind, ScalarFunction, TableFunction } from './function.ts'

/** The id of an overload, as `upper(text)`. */
export function functionId(name: string, args: readonly ArgumentKind[], variadic = false): string {
  return `${name}(${args.join()}${variadic ? ',...' : ''})`
}

type Defaulted = 'volatility' | 'nulls' | 'raises' | 'nullResult'
type ScalarEntry = Omit<ScalarFunction, 'id' | Defaulted> & Partial<Pick<ScalarFunction, Defaulted>>

/** An entry of the catalogue; immutable, strict and never raising unless it says otherwise. */
export function scalar(entry: ScalarEntry): ScalarFunction {
  const id = functionId(entry.name, entry.args, entry.variadic)
  // What looks a part up may find none: -> and #> of json.
  const computes = /^(?![-#]>)[^a-z_]/.test(entry.name) && entry.nulls !== 'called'
  const nullResult = computes ? 'of-null' : 'any'
  return { volatility: 'immutable', nulls: 'strict', raises: false, nullResult, ...entry, id }
}

export function aggregate(entry: Omit<AggregateFunction, 'id'>): AggregateFunction {
  const id =
    entry.args.length === 0
      ? `${entry.name}(*)`
      : functionId(entry.name, entry.args, entry.variadic)
  return { ...entry, id }
}

/** The same function under other names, each an entry of its own. */
export function aliases(
  entries: readonly ScalarFunction[],
  ...names: readonly string[]
): readonly ScalarFunction[] {
  return names.flatMap((name) =>
    entries.map((entry) => ({
      ...entry,
      name,
      id: functionId(name, entry.args, entry.variadic),
      example: entry.example.replaceAll(`${entry.name}(`, `${name}(`),
    })),
  )
}

export function tableFunction(entry: Omit<TableFunction, 'id'>): TableFunction {
  return { ...entry, id: functionId(entry.name, entry.args) }
}
