import type { Scalar } from '../../data/types/scalar.ts'
import type { SessionNames } from './object-names.ts'

/** What a function over the catalog gives; its arguments are not NULL. */
export type CatalogCall = (names: SessionNames, args: readonly Scalar[]) => Scalar
