import type { CopyOption, CopyStatement } from '../../../src/sql/ast/copy.ts'
import { printColumnNames, printIdentifier, printName, printString } from './name.ts'
import { expressionPrinter, printChange, printQuery } from './query.ts'

/** COPY on one line, with its options in parentheses. */
export function printCopy(statement: CopyStatement): string {
  const { source, direction, place, options, where } = statement
  const target = place.kind === 'client' ? 'stdin' : printString(place.text)
  const program = place.kind === 'program' ? 'program ' : ''
  const list = options.length === 0 ? [] : [`(${options.map(printOption).join(', ')})`]
  const filter = where === undefined ? [] : [`where ${expressionPrinter().print(where)}`]
  return [`copy ${printSource(source)} ${direction} ${program}${target}`, ...list, ...filter].join(
    ' ',
  )
}

function printSource(source: CopyStatement['source']): string {
  if (source.kind === 'table') return `${printName(source.name)}${printColumnNames(source.columns)}`
  const { query } = source
  return `(${query.kind === 'select' ? printQuery(query) : printChange(query)})`
}

function printOption({ name, value }: CopyOption): string {
  const head = printIdentifier({ text: name, quoted: true, span: { start: 0, end: 0 } })
  switch (value?.kind) {
    case undefined:
      return head
    case 'all':
      return `${head} *`
    case 'number':
      return `${head} ${value.text}`
    case 'text':
      return `${head} ${printString(value.text)}`
    case 'list':
      return `${head} (${value.items.map(printIdentifier).join(', ')})`
  }
}
