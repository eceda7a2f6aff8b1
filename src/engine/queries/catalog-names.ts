import type { ObjectNames } from '../../data/types/object-names.ts'
import type { RegName } from '../../data/types/data-type.ts'
import { ownScalar } from '../../functions/define.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { catalogCall } from '../system-catalog/catalog-calls.ts'
import { sessionOf } from '../../plan/catalog/schemas.ts'
import { SessionNames } from '../system-catalog/object-names.ts'
import type { Surroundings } from './surroundings.ts'

/** The one database of an engine. */
export const DATABASE_NAME = 'heddle'

/** Names of a session that are looked for when somebody asks: most statements do not. */
export class AskedNames implements ObjectNames {
  readonly #make: () => SessionNames
  #names: SessionNames | undefined

  constructor(make: () => SessionNames) {
    this.#make = make
  }

  get all(): SessionNames {
    this.#names ??= this.#make()
    return this.#names
  }

  nameOf(type: RegName, oid: bigint): string {
    return this.all.nameOf(type, oid)
  }

  oidOf(type: RegName, text: string): bigint {
    return this.all.oidOf(type, text)
  }
}

/** The names of a catalog as the session sees them at this moment. */
export function namesOf(around: Surroundings, catalog: Catalog): AskedNames {
  const { engine, settled } = around
  const { searchPath, user } = settled
  const session = sessionOf(around.temporarySchema)
  const place = { searchPath, user, database: DATABASE_NAME, session }
  return new AskedNames(() => new SessionNames(engine.systemTables.snapshot(catalog), place))
}

/** A function over the catalog as one of this statement; undefined for others. */
export function overCatalog(fn: ScalarFunction, names: AskedNames): ScalarFunction | undefined {
  const call = catalogCall(fn.id)
  if (call === undefined) return undefined
  return ownScalar({ ...fn, evaluate: (args) => call(names.all, args) })
}
