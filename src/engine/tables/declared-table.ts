import { isOtherName } from '../../data/types/declared-type.ts'
import { present } from '../../base/assert.ts'
import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import { namedTypes } from '../../plan/catalog/types.ts'
import type { Steps } from '../../base/steps.ts'
import { numeric } from '../../data/types/data-type.ts'
import type { Field, Schema } from '../../data/types/schema.ts'
import { bindCheckOf, bindDefaultOf } from '../../plan/binder/table-rules.ts'
import {
  dataTypeOf,
  digitLimit,
  lengthLimit,
  limitOf,
  timeLimit,
} from '../../plan/binder/type-name.ts'
import type { SequenceEntry } from '../../plan/catalog/catalog.ts'
import { defaultOf, withSequences } from '../../plan/catalog/default-sequences.ts'
import { indexNames } from '../../plan/catalog/indexes.ts'
import type { CheckRule, KeyRule, TableRules } from '../../plan/catalog/table-rules.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import { columnsUsed } from '../../plan/logical/walk.ts'
import type {
  CheckConstraint,
  ColumnDefinition,
  CreateTableFromStatement,
  CreateTableStatement,
  DefaultClause,
  KeyConstraint,
} from '../../sql/ast/statement.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { sequenceNamed } from '../queries/session-sequences.ts'
import { generatedRules } from './declared-generated.ts'
import { foreignKeyRules } from './declared-references.ts'
import { tableOfRows } from './memory-tables.ts'
import { identityOf, ownedSequence, serialType, takenNames } from './owned-sequences.ts'

const COLUMNS_MAX = 1_600

/** What CREATE TABLE says of a table: its columns, and its rules where it has any. */
export interface DeclaredTable {
  readonly columns: Schema
  readonly rules: TableRules | undefined
  /** Those that columns own. */
  readonly sequences: readonly SequenceEntry[]
}

/** Where a table is to be. */
interface Place {
  readonly schema: string
  readonly name: string
}

/**
 * Reads the columns and constraints of CREATE TABLE, in steps; every expression is bound, so that its errors
 * show now. Errors: PostgreSQL's for constraints that contradict each other or name no column.
 */
export function* declaredTableSteps(
  ctx: StatementContext,
  statement: CreateTableStatement,
  place: Place,
): Steps<DeclaredTable> {
  const keys = keyConstraints(statement, place)
  const columns = declaredColumns(ctx, statement.columns, place.name, keys.at(0))
  const outputs = columns.map((field) => ({ ...field, id: ctx.columnIds.next() }))
  const sequences = columnSequences(ctx, statement.columns, columns, place)
  const defaults = statement.columns.map((column, position) => {
    const own = sequences[position]
    const text = declaredDefault(ctx, column, columns[position]!, place.name)
    if (own === undefined) return text
    if (text !== undefined) throw twoDefaults(column, own, place.name)
    return defaultOf(own)
  })
  const names = new RuleNames(indexNames(ctx.catalog, place.schema))
  const checks = yield* checkRules(ctx, statement, { table: place.name, columns: outputs, names })
  const rules: TableRules = {
    defaults,
    checks,
    keys: keyRules(keys, columns, place.name, names),
    indexes: [],
    ...identitiesOf(statement.columns, place.name),
    ...generatedRules(ctx, statement.columns, {
      table: place.name,
      fields: columns,
      columns: outputs,
    }),
  }
  const declared = statement.columns.flatMap((column) => column.constraints)
  const foreign = [...declared, ...statement.constraints].filter(
    (constraint) => constraint.kind === 'foreign-key',
  )
  const own = { ...tableOfRows({ ...place, columns }, []), rules }
  const foreignKeys = foreignKeyRules(ctx, foreign, own, names)
  const some =
    foreign.length > 0 ||
    checks.length + keys.length > 0 ||
    rules.generated !== undefined ||
    defaults.some((text) => text !== undefined)
  return {
    columns,
    rules: some ? { ...rules, ...(foreign.length > 0 && { foreignKeys }) } : undefined,
    sequences: sequences.filter((sequence) => sequence !== undefined),
  }
}

/** One a column: the sequence that numbers it, where it is declared so. */
export function columnSequences(
  { catalog }: StatementContext,
  definitions: readonly ColumnDefinition[],
  columns: Schema,
  { schema, name: table }: Place,
): readonly (SequenceEntry | undefined)[] {
  const names = takenNames(catalog, schema).add(table)
  return definitions.map((definition, position) => {
    const identity = identityOf(definition, table)
    const isSerial = serialType(definition.type) !== undefined
    if (identity === undefined && !isSerial) return undefined
    const { name: column, type } = present(columns[position], 'a declared column')
    const sequence = ownedSequence(names, { schema, table, column, type }, identity)
    names.add(sequence.name)
    if (identity !== undefined && isSerial) throw twoDefaults(definition, sequence, table)
    return sequence
  })
}

function twoDefaults(
  { name, span }: ColumnDefinition,
  { owner }: SequenceEntry,
  table: string,
): QueryError {
  const column = `column "${name.text}" of table "${table}"`
  const message =
    owner?.isIdentity === true
      ? `both default and identity specified for ${column}`
      : `multiple default values specified for ${column}`
  return new QueryError('SYNTAX_ERROR', message, { span })
}

function identitiesOf(
  definitions: readonly ColumnDefinition[],
  table: string,
): Pick<TableRules, 'identities'> {
  const identities = definitions.map((definition) => {
    const clause = identityOf(definition, table)
    return clause && { always: clause.always }
  })
  return identities.some((identity) => identity !== undefined) ? { identities } : {}
}

/** The columns of a table over files, which no one writes to: they take no constraints. */
export function declaredFileColumns(
  ctx: TypeSight,
  { columns }: CreateTableFromStatement,
): Schema | undefined {
  if (columns.length === 0) return undefined
  for (const { constraints } of columns) {
    const refused = constraints.find(
      (constraint) => constraint.kind !== 'null' || constraint.notNull,
    )
    if (refused !== undefined) throw notSupported('constraints of a table over files', refused.span)
  }
  return declaredColumns(ctx, columns, '', undefined)
}

/** Where names of types are looked for. */
type TypeSight = Pick<StatementContext, 'catalog' | 'searchPath'>

export function declaredColumns(
  { catalog, searchPath }: TypeSight,
  definitions: readonly ColumnDefinition[],
  table: string,
  primary: KeyConstraint | undefined,
): Schema {
  if (definitions.length > COLUMNS_MAX) {
    throw new QueryError('TOO_MANY_COLUMNS', `tables can have at most ${COLUMNS_MAX} columns`)
  }
  const named = namedTypes(catalog, searchPath)
  const inKey = new Set(primary?.primary ? primary.columns.map(({ text }) => text) : [])
  const columns = definitions.map((definition): Field => {
    const { name, type } = definition
    const charactersMax = lengthLimit(type)
    const digits = digitLimit(type)
    const times = timeLimit(type)
    const limit = charactersMax === undefined ? undefined : limitOf(type.name, charactersMax)
    return {
      name: name.text,
      type: digits === undefined ? (serialType(type) ?? dataTypeOf(type, named)) : numeric,
      nullable: !isNotNull(definition, table) && !inKey.has(name.text),
      ...(limit !== undefined && { lengthLimit: limit }),
      ...(digits !== undefined && { digitLimit: digits }),
      ...(times !== undefined && { timeLimit: times }),
      ...((type.name === 'varchar' || isOtherName(type.name)) && { declared: type.name }),
    }
  })
  refuseDuplicates(columns)
  return columns
}

function isNotNull(definition: ColumnDefinition, table: string): boolean {
  const { name, type, constraints, span } = definition
  const said = constraints.filter((constraint) => constraint.kind === 'null')
  const isNumbered = serialType(type) !== undefined || identityOf(definition, table) !== undefined
  const numbered = { kind: 'null', notNull: true, span } as const
  const [first, ...others] = isNumbered ? [...said, numbered] : said
  const other = others.find(({ notNull }) => notNull !== first?.notNull)
  if (other === undefined) return first?.notNull ?? false
  throw new QueryError(
    'SYNTAX_ERROR',
    `conflicting NULL/NOT NULL declarations for column "${name.text}" of table "${table}"`,
    { span: other.span },
  )
}

/** Errors: DUPLICATE_COLUMN. */
export function refuseDuplicates(columns: Schema): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new QueryError('DUPLICATE_COLUMN', `column "${name}" specified more than once`)
    }
    seen.add(name)
  }
}

export function declaredDefault(
  ctx: StatementContext,
  { name, constraints }: ColumnDefinition,
  field: Field,
  table: string,
): string | undefined {
  const clauses = constraints.filter((item): item is DefaultClause => item.kind === 'default')
  const [clause, second] = clauses
  if (second !== undefined) {
    const column = `column "${name.text}" of table "${table}"`
    throw new QueryError('SYNTAX_ERROR', `multiple default values specified for ${column}`, {
      span: second.span,
    })
  }
  if (clause === undefined) return undefined
  bindDefaultOf(ctx.queries.binder(), {
    name: field.name,
    type: field.type,
    defaultValue: clause.value,
  })
  const { catalog, searchPath } = ctx
  return withSequences(clause.valueText, (written) => {
    const { schema, name: sequence } = sequenceNamed(catalog, written, searchPath)
    return { schema, name: sequence }
  })
}

/** All keys of the statement, the primary one first; of keys over the same columns only one. */
function keyConstraints(
  { columns, constraints }: CreateTableStatement,
  { name: table }: Place,
): readonly KeyConstraint[] {
  const all = [...columns.flatMap((column) => column.constraints), ...constraints].filter(
    (constraint) => constraint.kind === 'key',
  )
  const [primary, second] = all.filter((key) => key.primary)
  if (second !== undefined) {
    const message = `multiple primary keys for table "${table}" are not allowed`
    throw new QueryError('INVALID_TABLE_DEFINITION', message, { span: second.span })
  }
  const kept = new Map<string, KeyConstraint>()
  for (const key of [...(primary ? [primary] : []), ...all.filter((key) => key !== primary)]) {
    const what = JSON.stringify([key.nullsDistinct, ...key.columns.map(({ text }) => text)])
    const same = kept.get(what)
    kept.set(what, same === undefined ? key : { ...same, name: same.name ?? key.name })
  }
  return [...kept.values()]
}

export function keyRules(
  keys: readonly KeyConstraint[],
  columns: Schema,
  table: string,
  names: RuleNames,
): readonly KeyRule[] {
  return keys.map((key): KeyRule => {
    const positions = keyPositions(key, columns)
    const columnNames = key.columns.map(({ text }) => text).join('_')
    const base = key.primary ? `${table}_pkey` : `${table}_${columnNames}_key`
    const name = key.name === undefined ? names.choose(base) : names.take(key.name.text, table)
    const { nullsDistinct } = key
    return { name, kind: key.primary ? 'primary' : 'unique', columns: positions, nullsDistinct }
  })
}

function keyPositions(key: KeyConstraint, columns: Schema): readonly number[] {
  const seen = new Set<string>()
  return key.columns.map(({ text, span }) => {
    const position = columns.findIndex(({ name }) => name === text)
    if (position < 0) {
      const message = `column "${text}" named in key does not exist`
      throw new QueryError('UNDEFINED_COLUMN', message, { span })
    }
    if (seen.has(text)) {
      const what = key.primary ? 'primary key' : 'unique'
      const message = `column "${text}" appears twice in ${what} constraint`
      throw new QueryError('DUPLICATE_COLUMN', message, { span })
    }
    seen.add(text)
    return position
  })
}

/** In the order of their names, in which they are checked. */
export function* checkRules(
  ctx: StatementContext,
  { columns: definitions, constraints }: Pick<CreateTableStatement, 'columns' | 'constraints'>,
  target: {
    readonly table: string
    readonly columns: readonly OutputColumn[]
    readonly names: RuleNames
  },
): Steps<readonly CheckRule[]> {
  const { table, columns, names } = target
  const all = [...definitions.flatMap((column) => column.constraints), ...constraints]
  const checks = all.filter((constraint) => constraint.kind === 'check')
  const rules: CheckRule[] = []
  for (const check of checks) {
    // Each looks at the table's columns for itself.
    spend(columns.length * NODE_STEPS)
    if (isOverdue()) yield
    const bound = bindCheckOf(ctx.queries.binder(), check.condition, table, columns)
    const ids = columnsUsed(bound)
    const used = columns.filter(({ id }) => ids.has(id))
    const only = used.length === 1 ? `_${used[0]!.name}` : ''
    const name = checkName(check, `${table}${only}_check`, names)
    rules.push({ name, condition: check.conditionText })
  }
  return rules.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function checkName({ name, span }: CheckConstraint, base: string, names: RuleNames): string {
  if (name === undefined) return names.choose(base)
  if (!names.has(name.text)) return names.take(name.text, '')
  const message = `check constraint "${name.text}" already exists`
  throw new QueryError('DUPLICATE_OBJECT', message, { span })
}

/** Names of the constraints of one table, beside the indexes of its schema. */
export class RuleNames {
  readonly #own = new Set<string>()
  readonly #indexes: ReadonlySet<string>
  /** The first number that may be free yet of each name that was wanted. */
  readonly #next = new Map<string, number>()

  constructor(indexes: ReadonlySet<string>) {
    this.#indexes = indexes
  }

  has(name: string): boolean {
    return this.#own.has(name)
  }

  /** Takes the name that was given. Errors: DUPLICATE_OBJECT, DUPLICATE_TABLE. */
  take(name: string, table: string): string {
    if (this.#own.has(name)) {
      const message = `constraint "${name}" for relation "${table}" already exists`
      throw new QueryError('DUPLICATE_OBJECT', message)
    }
    if (this.#indexes.has(name)) {
      throw new QueryError('DUPLICATE_TABLE', `relation "${name}" already exists`)
    }
    this.#own.add(name)
    return name
  }

  /** Takes a name that is free: the wanted one, or that with a number. */
  choose(wanted: string): string {
    let next = this.#next.get(wanted) ?? 0
    let name: string
    do {
      name = next === 0 ? wanted : `${wanted}${next}`
      next++
    } while (this.#own.has(name) || this.#indexes.has(name))
    this.#next.set(wanted, next)
    this.#own.add(name)
    return name
  }
}
