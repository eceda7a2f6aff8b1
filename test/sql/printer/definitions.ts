import type {
  AlterAction,
  AlterSchemaStatement,
  AlterTypeStatement,
  AttributeAction,
  AttributeDefinition,
  AlterStatement,
  ColumnAction,
  ColumnConstraint,
  ColumnDefinition,
  ForeignKeyConstraint,
  ReferenceAction,
  SequenceOption,
} from '../../../src/sql/ast/definition.ts'
import { printColumnNames, printIdentifier, printName, printString, printType } from './name.ts'
import { expressionPrinter } from './query.ts'

const words = {
  increment: 'increment by',
  start: 'start with',
  cache: 'cache',
  min: 'minvalue',
  max: 'maxvalue',
} as const

export function printSequenceOption(option: SequenceOption): string {
  switch (option.kind) {
    case 'as':
      return `as ${printType(option.type)}`
    case 'min':
    case 'max':
      return option.value === undefined
        ? `no ${words[option.kind]}`
        : `${words[option.kind]} ${option.value}`
    case 'restart':
      return option.value === undefined ? 'restart' : `restart with ${option.value}`
    case 'cycle':
      return option.value ? 'cycle' : 'no cycle'
    case 'owned':
      return `owned by ${option.column === undefined ? 'none' : printName(option.column)}`
    case 'increment':
    case 'start':
    case 'cache':
      return `${words[option.kind]} ${option.value}`
  }
}

export function printAlter({ objectKind, ifExists, name, actions }: AlterStatement): string {
  const exists = ifExists ? 'if exists ' : ''
  return `alter ${objectKind} ${exists}${printName(name)} ${actions.map(printAction).join(', ')}`
}

export function printAlterSchema({ name, action }: AlterSchemaStatement): string {
  return `alter schema ${printIdentifier(name)} ${printAction(action)}`
}

export function printAlterType({ name, action }: AlterTypeStatement): string {
  return `alter type ${printName(name)} ${printTypeAction(action)}`
}

function printTypeAction(action: AlterTypeStatement['action']): string {
  switch (action.kind) {
    case 'add-value': {
      const { label, ifNotExists, place } = action
      const beside = place === undefined ? '' : ` ${place.side} ${printString(place.neighbour)}`
      return `add value ${ifNotExists ? 'if not exists ' : ''}${printString(label)}${beside}`
    }
    case 'rename-value':
      return `rename value ${printString(action.from)} to ${printString(action.to)}`
    case 'rename':
      return `rename to ${printIdentifier(action.newName)}`
    case 'set-schema':
      return `set schema ${printIdentifier(action.schema)}`
    case 'rename-attribute':
      return `rename attribute ${printIdentifier(action.from)} to ${printIdentifier(action.to)}`
    case 'attributes':
      return action.actions.map(printAttributeAction).join(', ')
  }
}

export function printAttribute({ name, type }: AttributeDefinition): string {
  return `${printIdentifier(name)} ${printType(type)}`
}

function printAttributeAction(action: AttributeAction): string {
  switch (action.kind) {
    case 'add':
      return `add attribute ${printAttribute(action.attribute)}`
    case 'drop':
      return `drop attribute ${action.ifExists ? 'if exists ' : ''}${printIdentifier(action.name)}`
    case 'type': {
      const { name, type } = action.attribute
      return `alter attribute ${printIdentifier(name)} type ${printType(type)}`
    }
  }
}

function printAction(action: AlterAction): string {
  switch (action.kind) {
    case 'sequence-options':
      return action.options.map(printSequenceOption).join(' ')
    case 'rename':
      return `rename to ${printIdentifier(action.newName)}`
    case 'rename-column':
    case 'rename-constraint': {
      const what = action.kind === 'rename-column' ? 'column' : 'constraint'
      return `rename ${what} ${printIdentifier(action.part)} to ${printIdentifier(action.newName)}`
    }
    case 'set-schema':
      return `set schema ${printIdentifier(action.schema)}`
    case 'owner':
      return `owner to ${printIdentifier(action.role)}`
    case 'add-column': {
      const exists = action.ifNotExists ? 'if not exists ' : ''
      return `add column ${exists}${printColumn(action.definition)}`
    }
    case 'add-constraint':
      return `add ${printConstraint(action.constraint, true)}`
    case 'drop-column':
    case 'drop-constraint': {
      const [what, name] =
        action.kind === 'drop-column'
          ? ['column', action.column]
          : ['constraint', action.constraintName]
      const exists = action.ifExists ? 'if exists ' : ''
      return `drop ${what} ${exists}${printIdentifier(name)}${action.cascade ? ' cascade' : ''}`
    }
    case 'column-type':
    case 'column-default':
    case 'column-null':
    case 'add-identity':
    case 'drop-identity':
    case 'drop-expression':
      return `alter column ${printIdentifier(action.column)} ${printColumnAction(action)}`
  }
}

type OfColumn = Exclude<ColumnAction, { readonly kind: 'add-column' | 'drop-column' }>

function printColumnAction(action: OfColumn): string {
  switch (action.kind) {
    case 'column-type': {
      const using =
        action.using === undefined ? '' : ` using ${expressionPrinter().print(action.using)}`
      return `type ${printType(action.type)}${using}`
    }
    case 'column-default':
      return action.value === undefined
        ? 'drop default'
        : `set default ${expressionPrinter().print(action.value.value)}`
    case 'column-null':
      return `${action.notNull ? 'set' : 'drop'} not null`
    case 'add-identity':
      return `add ${printConstraint(action.identity, false)}`
    case 'drop-identity':
    case 'drop-expression':
      return `drop ${action.kind === 'drop-identity' ? 'identity' : 'expression'}${action.ifExists ? ' if exists' : ''}`
  }
}

export function printColumn({ name, type, constraints }: ColumnDefinition): string {
  const own = constraints.map((constraint) => printConstraint(constraint, false))
  return [printIdentifier(name), printType(type), ...own].join(' ')
}

export function printConstraint(constraint: ColumnConstraint, ofTable: boolean): string {
  if (constraint.kind === 'null') return constraint.notNull ? 'not null' : 'null'
  if (constraint.kind === 'default') {
    return `default ${expressionPrinter().operand(constraint.value)}`
  }
  if (constraint.kind === 'identity') {
    const { always, options } = constraint
    const list = options.length === 0 ? '' : ` (${options.map(printSequenceOption).join(' ')})`
    return `generated ${always ? 'always' : 'by default'} as identity${list}`
  }
  if (constraint.kind === 'generated') {
    return `generated always as (${expressionPrinter().print(constraint.value)}) stored`
  }
  const { name } = constraint
  const head = name === undefined ? '' : `constraint ${printIdentifier(name)} `
  if (constraint.kind === 'check')
    return `${head}check (${expressionPrinter().print(constraint.condition)})`
  if (constraint.kind === 'foreign-key') return head + printReference(constraint, ofTable)
  const { primary, nullsDistinct, columns } = constraint
  const nulls = nullsDistinct ? '' : ' nulls not distinct'
  const list = ofTable ? printColumnNames(columns) : ''
  return `${head}${primary ? 'primary key' : `unique${nulls}`}${list}`
}

function printReference(constraint: ForeignKeyConstraint, ofTable: boolean): string {
  const { columns, target, targetColumns, match, onUpdate, onDelete } = constraint
  const parts = [
    ofTable ? `foreign key ${printColumnNames(columns).trim()}` : '',
    `references ${printName(target)}`,
    targetColumns.length === 0 ? '' : printColumnNames(targetColumns).trim(),
    match === 'full' ? 'match full' : '',
    printReferenceAction('update', onUpdate),
    printReferenceAction('delete', onDelete),
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function printReferenceAction(event: string, { kind, columns }: ReferenceAction): string {
  if (kind === 'no action') return ''
  const list = columns.length === 0 ? '' : ` ${printColumnNames(columns).trim()}`
  return `on ${event} ${kind}${list}`
}
