import { text } from '../data/types/data-type.ts'
import type {
  AggregateFunction,
  ArgumentKind,
  CatalogueEntry,
  ScalarFunction,
  TableColumn,
  TableFunction,
} from './function.ts'
import type { WindowFunction } from './window-function.ts'

/** The id of an overload, as `upper(text)`. */
export function functionId(name: string, args: readonly ArgumentKind[], variadic = false): string {
  return `${name}(${args.join()}${variadic ? ',...' : ''})`
}

/** An entry as it is written down. */
type Written<F extends CatalogueEntry> = Omit<F, keyof CatalogueEntry>
type Defaulted = 'volatility' | 'nulls' | 'raises' | 'nullResult'
type ScalarEntry = Omit<Written<ScalarFunction>, Defaulted> &
  Partial<Pick<ScalarFunction, Defaulted>>

/** An entry of the catalogue; immutable, strict and never raising unless it says otherwise. */
export function scalar(entry: ScalarEntry): ScalarFunction {
  const id = functionId(entry.name, entry.args, entry.variadic)
  // What looks a part up may find none: -> and #> of json.
  const computes = /^(?![-#]>)[^a-z_]/.test(entry.name) && entry.nulls !== 'called'
  const nullResult = computes ? 'of-null' : 'any'
  return {
    cataloguedAs: 'scalar',
    volatility: 'immutable',
    nulls: 'strict',
    raises: false,
    nullResult,
    ...entry,
    id,
  }
}

/**
 * A function that one engine is given. It is called out for: code that is generated for an id serves all
 * engines of a process, and another may have another function of the same id.
 */
export function ownScalar(entry: Omit<ScalarEntry, 'inline' | 'literalForm'>): ScalarFunction {
  return { ...scalar(entry), onlyHere: true }
}

export function aggregate(entry: Written<AggregateFunction>): AggregateFunction {
  const id =
    entry.args.length === 0
      ? `${entry.name}(*)`
      : functionId(entry.name, entry.args, entry.variadic)
  return { cataloguedAs: 'aggregate', ...entry, id }
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

export function windowFunction(entry: Written<WindowFunction>): WindowFunction {
  return { cataloguedAs: 'window', ...entry, id: functionId(entry.name, entry.args) }
}

type TableEntry = Omit<Written<TableFunction>, 'returns' | 'columns'> &
  (Pick<TableFunction, 'returns'> | { readonly columns: readonly TableColumn[] })

export function tableFunction(entry: TableEntry): TableFunction {
  const own = { cataloguedAs: 'table', id: functionId(entry.name, entry.args) } as const
  return 'columns' in entry
    ? { ...entry, ...own, returns: entry.columns[0]?.type ?? text }
    : { ...entry, ...own }
}
