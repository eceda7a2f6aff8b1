import { QueryError } from '../../base/errors.ts'
import type { Catalog } from './catalog.ts'
import { withoutObjects } from './drop.ts'
import { allRoutines, withOverloads, withoutRoutines } from './routine-map.ts'
import { outputsOf, shownRoutine, shownRoutineType, signatureOf } from './routine.ts'
import type { RoutineEntry, RoutineType } from './routine.ts'
import { isTemporarySchema, schemasOf, shownName, undefinedSchema } from './schemas.ts'
import type { ObjectName, SearchPath } from './schemas.ts'

/** Overloads of one name at most. */
const OVERLOADS_MAX = 10_000

/** The function of an id. */
export function routineOfId(catalog: Catalog, id: number): RoutineEntry | undefined {
  return allRoutines(catalog).find((entry) => entry.id === id)
}

/**
 * The functions of a name on a search path: of those with the same types the one that comes first. They are the same list
 * for the same catalog and path where there is one schema that has any.
 */
export function routinesNamed(
  catalog: Catalog,
  name: ObjectName,
  searchPath: SearchPath,
): readonly RoutineEntry[] {
  const found = schemasOf(name, searchPath).flatMap((schema) => {
    const entries = catalog.functions.get(schema)?.get(name.name)
    // What stands in front of everything could be put there to be called for something else.
    const isHidden =
      name.schema === undefined && isTemporarySchema(schema) && entries?.[0]?.routine !== 'macro'
    return entries === undefined || isHidden ? [] : [entries]
  })
  const [first, ...others] = found
  if (first === undefined || others.length === 0) return first ?? []
  const bySignature = new Map<string, RoutineEntry>()
  for (const entry of found.flat()) {
    const signature = signatureOf(entry)
    if (!bySignature.has(signature)) bySignature.set(signature, entry)
  }
  return [...bySignature.values()]
}

/**
 * Adds a function, or with `orReplace` puts it in the place of the one with the same types, whose id it takes. Errors:
 * UNDEFINED_SCHEMA, DUPLICATE_FUNCTION, INVALID_FUNCTION_DEFINITION for what cannot be replaced so, WRONG_OBJECT_TYPE.
 */
export function addRoutine(catalog: Catalog, entry: RoutineEntry, orReplace: boolean): Catalog {
  const { schema, name } = entry
  if (!catalog.relations.has(schema)) throw undefinedSchema(catalog, schema, undefined)
  const overloads = catalog.functions.get(schema)?.get(name) ?? []
  const signature = signatureOf(entry)
  const isMacro = entry.routine === 'macro'
  const before = overloads.find(
    (one) => isMacro || one.routine === 'macro' || signatureOf(one) === signature,
  )
  if (before === undefined) {
    if (overloads.length >= OVERLOADS_MAX) {
      const message = `function ${name} has more than ${OVERLOADS_MAX} overloads`
      throw new QueryError('STATEMENT_TOO_COMPLEX', message)
    }
    return withOverloads(catalog, entry, [...overloads, entry])
  }
  if (!orReplace) {
    const message = `function "${name}" already exists with same argument types`
    throw new QueryError('DUPLICATE_FUNCTION', message)
  }
  checkReplacing(before, entry)
  const replaced = { ...entry, id: before.id }
  return withOverloads(
    catalog,
    entry,
    overloads.map((one) => (one === before ? replaced : one)),
  )
}

/** What calls rely on stays as it is. */
function checkReplacing(before: RoutineEntry, now: RoutineEntry): void {
  const { name } = now
  if (before.routine !== now.routine) {
    throw new QueryError('WRONG_OBJECT_TYPE', 'cannot change routine kind', {
      detail: `"${name}" is a ${before.routine}.`,
    })
  }
  if (now.routine === 'macro') return
  const refuse = (message: string, detail?: string): never => {
    const hint = `Use DROP ${now.routine.toUpperCase()} ${shownRoutine(before)} first.`
    throw new QueryError('INVALID_FUNCTION_DEFINITION', message, {
      hint,
      ...(detail && { detail }),
    })
  }
  const isSame = shownRoutineType(before.returns) === shownRoutineType(now.returns)
  if (!isSame || before.returnsSet !== now.returnsSet) {
    const isOfOutputs = outputsOf(before).length > 0 && outputsOf(now).length > 0
    const detail = isOfOutputs ? 'Row type defined by OUT parameters is different.' : undefined
    refuse('cannot change return type of existing function', detail)
  }
  const rowOf = (entry: RoutineEntry): string =>
    outputsOf(entry)
      .map((one) => `${one.name} ${shownRoutineType(one.type)}`)
      .join()
  if (rowOf(before) !== rowOf(now)) {
    const detail = 'Row type defined by OUT parameters is different.'
    refuse('cannot change return type of existing function', detail)
  }
  for (const [at, { name: was, defaultText }] of before.parameters.entries()) {
    const is = now.parameters[at]
    if (was !== undefined && is !== undefined && is.name !== was) {
      refuse(`cannot change name of input parameter "${was}"`)
    }
    if (defaultText !== undefined && is?.defaultText === undefined) {
      refuse('cannot remove parameter defaults from existing function')
    }
  }
}

export type RoutineWord = 'function' | 'procedure' | 'routine' | 'aggregate' | 'macro'

/** A routine as DROP and ALTER name it. */
export interface RoutineReference {
  readonly name: ObjectName
  /** The types of its inputs; undefined where only one of the name can be meant. */
  readonly types: readonly RoutineType[] | undefined
}

/** The routine that a statement is about. Errors: UNDEFINED_FUNCTION, AMBIGUOUS_FUNCTION, WRONG_OBJECT_TYPE. */
export function findRoutine(
  catalog: Catalog,
  word: RoutineWord,
  { name, types }: RoutineReference,
  searchPath: SearchPath,
): RoutineEntry {
  if (name.schema !== undefined && !catalog.relations.has(name.schema)) {
    throw undefinedSchema(catalog, name.schema, name.span)
  }
  const shown = shownName(name)
  const ofName = routinesNamed(catalog, name, searchPath)
  const wanted = types?.map(shownRoutineType).join(', ')
  const found = ofName.filter((entry) => {
    if (wanted !== undefined && word !== 'macro') return signatureOf(entry) === wanted
    return word === 'routine' || entry.routine === word
  })
  const [entry, second] = found
  if (entry !== undefined && second !== undefined) {
    throw new QueryError('AMBIGUOUS_FUNCTION', `${word} name "${shown}" is not unique`, {
      hint: `Specify the argument list to select the ${word} unambiguously.`,
    })
  }
  const told = wanted === undefined ? undefined : `${shown}(${wanted.replaceAll(', ', ',')})`
  if (entry === undefined) {
    const message =
      told === undefined
        ? `could not find a ${word} named "${shown}"`
        : `${word} ${told} does not exist`
    throw new QueryError('UNDEFINED_FUNCTION', message)
  }
  if (word !== 'routine' && entry.routine !== word) {
    const article = word === 'aggregate' ? 'an' : 'a'
    const isOf = `${shownRoutine(entry)} is not ${article} ${word}`
    const message = word === 'aggregate' ? `function ${isOf}` : isOf
    throw new QueryError('WRONG_OBJECT_TYPE', message)
  }
  return entry
}

/** Drops routines together, with `cascade` also what depends on them. Errors: those of {@link findRoutine}, DEPENDENT_OBJECTS. */
export function dropRoutines(
  catalog: Catalog,
  entries: readonly RoutineEntry[],
  { cascade }: { readonly cascade: boolean },
): Catalog {
  if (entries.length === 0) return catalog
  return withoutObjects(catalog, entries, { cascade }).catalog
}

/** A routine as it is now in the place of itself. */
export function replaceRoutine(catalog: Catalog, entry: RoutineEntry): Catalog {
  const overloads = catalog.functions.get(entry.schema)?.get(entry.name) ?? []
  return withOverloads(
    catalog,
    entry,
    overloads.map((one) => (one.id === entry.id ? entry : one)),
  )
}

/** A routine under another name or in another schema. Errors: DUPLICATE_FUNCTION, UNDEFINED_SCHEMA. */
export function moveRoutine(
  catalog: Catalog,
  from: RoutineEntry,
  to: { readonly schema: string; readonly name: string },
): Catalog {
  if (!catalog.relations.has(to.schema)) throw undefinedSchema(catalog, to.schema, undefined)
  const signature = signatureOf(from)
  const overloads = catalog.functions.get(to.schema)?.get(to.name) ?? []
  if (overloads.some((one) => signatureOf(one) === signature)) {
    const told = `${to.name}(${signature})`
    const message = `function ${told} already exists in schema "${to.schema}"`
    throw new QueryError('DUPLICATE_FUNCTION', message)
  }
  const moved = { ...from, ...to }
  return withOverloads(withoutRoutines(catalog, [from]), moved, [...overloads, moved])
}
