import type {
  CloseStatement,
  DeclareStatement,
  FetchStatement,
} from '../../../src/sql/ast/cursor.ts'
import type { ExecuteStatement } from '../../../src/sql/ast/prepared.ts'
import { printIdentifier } from './name.ts'
import { expressionPrinter, printQuery } from './query.ts'

export function printExecute({ name, args }: ExecuteStatement): string {
  const list = args.length === 0 ? '' : ` (${expressionPrinter().list(args)})`
  return `execute ${printIdentifier(name)}${list}`
}

/** DECLARE, FETCH, MOVE or CLOSE on one line. */
export function printCursor(statement: DeclareStatement | FetchStatement | CloseStatement): string {
  switch (statement.kind) {
    case 'declare': {
      const { name, query, scroll, hold } = statement
      const scrolls = scroll === undefined ? '' : scroll ? ' scroll' : ' no scroll'
      const head = `declare ${printIdentifier(name)}${scrolls} cursor`
      return `${head} ${hold ? 'with' : 'without'} hold for ${printQuery(query)}`
    }
    case 'fetch': {
      const { name, isMove, direction } = statement
      const where = `${direction.kind} ${direction.count}`
      return `${isMove ? 'move' : 'fetch'} ${where} from ${printIdentifier(name)}`
    }
    case 'close':
      return `close ${statement.name === undefined ? 'all' : printIdentifier(statement.name)}`
  }
}
