import { notSupported, QueryError } from '../../base/errors.ts'
import { kindName } from './catalog.ts'
import type { RecordField } from '../../data/types/data-type.ts'
import type { Catalog, CatalogEntry, EntryName, TableEntry } from './catalog.ts'
import { takesOf } from './default-sequences.ts'
import { dependentOn, type Needed } from './dependents.ts'
import { withoutRoutines } from './routine-map.ts'
import { shownRoutine } from './routine.ts'
import { isTemporarySchema, undefinedSchema, without, withoutEntries } from './schemas.ts'
import { mentions, type Mentioned } from './mentions.ts'
import { callsIn } from './routine-calls.ts'
import { rowTypeOf } from './row-types.ts'
import type { TableRules } from './table-rules.ts'
import { shownReference, withoutReferences, withRulesOf } from './references.ts'

/** Something that cannot stay without what is dropped: with CASCADE it goes, too. */
interface Dependent {
  /** As messages tell it: `view v`. */
  readonly what: string
  /** What it depends on. */
  on(): string
  without(catalog: Catalog): Catalog
}

/**
 * A catalog without some entries, and what is theirs: sequences that their columns own. With `cascade` also without what
 * depends on them: views, defaults, foreign keys. Errors: DEPENDENT_OBJECTS. `subject`: what is dropped, in messages.
 */
export function withoutObjects(
  catalog: Catalog,
  dropped: readonly Needed[],
  { cascade, subject }: { readonly cascade: boolean; readonly subject?: string },
): { readonly catalog: Catalog; readonly cascaded: readonly string[] } {
  const owned = allEntries(catalog).filter(
    (entry) => entry.kind === 'sequence' && dropped.some((one) => owns(one, entry)),
  )
  const gone = [...new Set([...dropped, ...owned])]
  const dependents = dependentsOf(catalog, gone)
  if (dependents.length > 0 && !cascade) {
    const [only, ...others] = dropped
    const shown = only !== undefined && others.length === 0 ? told(only) : undefined
    throw stillNeeded(dependents, subject ?? shown)
  }
  const types = gone.filter((entry) => entry.kind === 'type')
  const routines = gone.filter((entry) => entry.kind === 'function')
  const relations = gone.filter(isRelation)
  const models = gone.filter((entry) => entry.kind === 'model')
  const left = {
    relations: withoutEntries(catalog.relations, relations),
    models: withoutEntries(catalog.models, models),
    types: withoutEntries(catalog.types, types),
    functions: withoutRoutines(catalog, routines).functions,
  }
  return {
    catalog: dependents.reduce((root, { without }) => without(root), left),
    cascaded: dependents.map(({ what }) => what),
  }
}

/**
 * Drops a schema, with `cascade` also what it holds and what of other schemas depends on that. Errors:
 * UNDEFINED_SCHEMA, DEPENDENT_OBJECTS.
 */
export function dropSchema(
  catalog: Catalog,
  name: string,
  options: { readonly ifExists: boolean; readonly cascade: boolean },
): Catalog {
  if (!catalog.relations.has(name)) {
    if (options.ifExists) return catalog
    throw undefinedSchema(catalog, name, undefined)
  }
  const relations = [...(catalog.relations.get(name)?.values() ?? [])]
  const models = [...(catalog.models.get(name)?.values() ?? [])]
  const types = [...(catalog.types.get(name)?.values() ?? [])]
  const routines = [...(catalog.functions.get(name)?.values() ?? [])].flat()
  const held = [...relations, ...models, ...types, ...routines]
  if (held.length > 0 && !options.cascade) {
    // What a table owns goes with it and needs no mention.
    const shown = held.filter((entry) => entry.kind !== 'sequence' || entry.owner === undefined)
    throw new QueryError(
      'DEPENDENT_OBJECTS',
      `cannot drop schema ${name} because other objects depend on it`,
      {
        detail: shown
          .map((entry) => `${toldInSchema(name, entry)} depends on schema ${name}`)
          .join('\n'),
        hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
      },
    )
  }
  const left = withoutObjects(catalog, held, { cascade: true }).catalog
  return {
    relations: without(left.relations, name),
    models: without(left.models, name),
    types: without(left.types, name),
    functions: without(left.functions, name),
  }
}

function toldInSchema(schema: string, entry: Needed): string {
  if (entry.kind === 'function') return `${entry.routine} ${schema}.${shownRoutine(entry)}`
  return `${entry.kind} ${schema}.${entry.name}`
}

function told(entry: Needed): string {
  if (entry.kind === 'function') return `${entry.routine} ${shownRoutine(entry)}`
  const kind = entry.kind === 'view' ? kindName(entry) : entry.kind
  return `${kind} ${entry.name}`
}

function isRelation(entry: Needed): entry is CatalogEntry {
  return entry.kind === 'table' || entry.kind === 'view' || entry.kind === 'sequence'
}

function allEntries(catalog: Catalog): readonly CatalogEntry[] {
  return [...catalog.relations.values()].flatMap((entries) => [...entries.values()])
}

function isNamed(entry: EntryName, { schema, name }: EntryName): boolean {
  return entry.schema === schema && entry.name === name
}

function owns(entry: Needed, sequence: CatalogEntry): boolean {
  if (entry.kind !== 'table' || sequence.kind !== 'sequence') return false
  return sequence.owner !== undefined && isNamed(sequence.owner, entry)
}

function dependentsOf(catalog: Catalog, gone: readonly Needed[]): readonly Dependent[] {
  const readers = dependentOn(catalog, gone).map((reader): Dependent => {
    return {
      what: told(reader),
      on() {
        const needed = gone.find((entry) => dependentOn(catalog, [entry]).includes(reader))
        return told(needed ?? gone[0]!)
      },
      without(root) {
        if (reader.kind === 'function') return withoutRoutines(root, [reader])
        return { ...root, relations: withoutEntries(root.relations, [reader]) }
      },
    }
  })
  const there = allEntries(catalog).filter((entry) => !gone.includes(entry))
  const types = [...catalog.types.values()]
    .flatMap((entries) => [...entries.values()])
    .filter((entry) => !gone.includes(entry))
  const tables = there.filter((entry) => entry.kind === 'table')
  return [
    ...readers,
    ...tables.flatMap((table) => rulesOver(table, gone)),
    ...tables.flatMap((table) => rulesCalling(table, gone)),
    ...tables.flatMap((table) => partsOver(`table ${table.name}`, table.columns, gone)),
    ...types.flatMap(({ name, type }) =>
      type.kind === 'record' ? partsOver(`composite type ${name}`, type.fields, gone) : [],
    ),
  ]
}

function rulesOver(table: TableEntry, gone: readonly Needed[]): readonly Dependent[] {
  const { rules } = table
  if (rules === undefined) return []
  const defaults = rules.defaults.flatMap((text, position): readonly Dependent[] => {
    const sequence = gone.find((entry) => entry.kind === 'sequence' && takesOf(text, entry))
    if (sequence === undefined) return []
    const column = table.columns[position]?.name ?? ''
    return [
      {
        what: `default value for column ${column} of table ${table.name}`,
        on: () => `sequence ${sequence.name}`,
        without: (root) =>
          withRulesOf(root, table, (now) => ({
            ...now,
            defaults: now.defaults.map((one) => (takesOf(one, sequence) ? undefined : one)),
          })),
      },
    ]
  })
  const keys = (rules.foreignKeys ?? []).flatMap((key): readonly Dependent[] => {
    const target = gone.find((entry) => entry.kind === 'table' && isNamed(entry, key.target))
    if (target === undefined) return []
    return [
      {
        what: shownReference({ table, rule: key }),
        on: () => `table ${target.name}`,
        without: (root) => withoutReferences(root, [{ table, rule: key }]),
      },
    ]
  })
  return [...defaults, ...keys]
}

/** Columns of types that are dropped, of tables and of composite types. */
function partsOver(
  of: string,
  parts: readonly RecordField[],
  gone: readonly Needed[],
): readonly Dependent[] {
  return parts.flatMap(({ name, type }): readonly Dependent[] => {
    const entry = gone.find((one) => {
      const made = typeOfEntry(one)
      return made !== undefined && mentions(type, made)
    })
    if (entry === undefined) return []
    const what = `column ${name} of ${of}`
    return [
      {
        what,
        on: () => `type ${entry.name}`,
        without(root) {
          // A session takes its types along; values of them in lasting tables say all of themselves.
          if (isTemporarySchema(entry.schema)) return root
          throw notSupported(`CASCADE to ${what}, which is of a type that is dropped`)
        },
      },
    ]
  })
}

/** The type that goes with an entry. */
export function typeOfEntry(entry: Needed): Mentioned | undefined {
  if (entry.kind === 'type') return entry.type
  return entry.kind === 'table' || entry.kind === 'view' ? rowTypeOf(entry) : undefined
}

/** The error for dropping what others need. */
function stillNeeded(dependents: readonly Dependent[], subject: string | undefined): QueryError {
  const what = subject ?? dependents[0]?.on() ?? 'it'
  const message = `cannot drop ${what} because other objects depend on it`
  return new QueryError('DEPENDENT_OBJECTS', message, {
    detail: dependents.map((one) => `${one.what} depends on ${one.on()}`).join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  })
}

/** Defaults, conditions and generated columns that call functions which are dropped. */
function rulesCalling(table: TableEntry, gone: readonly Needed[]): readonly Dependent[] {
  const routines = gone.filter((entry) => entry.kind === 'function')
  const { rules } = table
  if (rules === undefined || routines.length === 0) return []
  const dependent = (
    text: string | undefined,
    what: string,
    left: (now: TableRules) => TableRules,
  ): readonly Dependent[] => {
    const called = routines.find((entry) => callsIn(text, entry))
    if (called === undefined) return []
    return [{ what, on: () => told(called), without: (root) => withRulesOf(root, table, left) }]
  }
  const columnAt = (position: number): string => table.columns[position]?.name ?? ''
  const defaults = rules.defaults.flatMap((text, position) => {
    const what = `default value for column ${columnAt(position)} of table ${table.name}`
    return dependent(text, what, (now) => ({
      ...now,
      defaults: now.defaults.map((one) => (one === text ? undefined : one)),
    }))
  })
  const checks = rules.checks.flatMap(({ name, condition }) =>
    dependent(condition, `constraint ${name} on table ${table.name}`, (now) => ({
      ...now,
      checks: now.checks.filter((one) => one.name !== name),
    })),
  )
  const generated = (rules.generated ?? []).flatMap((text, position) => {
    const what = `column ${columnAt(position)} of table ${table.name}`
    return dependent(text, what, () => {
      throw notSupported(`CASCADE to ${what}, which is generated by a function that is dropped`)
    })
  })
  return [...defaults, ...checks, ...generated]
}
