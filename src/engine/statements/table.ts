import { checkpointEntry } from './checkpoint.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import { alterEntry, alterSchemaEntry } from './alter.ts'
import { deleteEntry, updateEntry } from './change.ts'
import { callEntry } from './call.ts'
import { copyEntry } from './copy.ts'
import { createIndexEntry } from './create-index.ts'
import { createTableAsEntry, createTableEntry, createTableFromEntry } from './create-table.ts'
import { closeEntry, declareEntry, fetchEntry } from './cursors.ts'
import type { StatementEntry, StatementKind, StatementOf } from './entry.ts'
import { explainEntry } from './explain.ts'
import { insertEntry } from './insert.ts'
import { mergeEntry } from './merge.ts'
import { lockEntry, maintainEntry } from './maintain.ts'
import { createModelEntry } from './models.ts'
import { createTableAsExecuteEntry, executeEntry, prepareEntry } from './prepare.ts'
import { createSchemaEntry, createViewEntry, dropEntry } from './objects.ts'
import {
  alterFunctionEntry,
  createFunctionEntry,
  createMacroEntry,
  dropFunctionEntry,
} from './routines.ts'
import { savepointEntry } from './savepoint.ts'
import { selectEntry } from './select.ts'
import { createSequenceEntry } from './sequences.ts'
import { deallocateEntry, discardEntry, setEntry, transactionEntry } from './session-control.ts'
import { describeEntry, showEntry } from './show.ts'
import { createStoredViewEntry, refreshEntry } from './stored-views.ts'
import { truncateEntry } from './truncate.ts'
import { alterTypeEntry, createCompositeEntry, createEnumEntry } from './types.ts'
import { unsupportedEntry } from './unsupported.ts'

/** Every kind of statement; a kind that the grammar knows and this table does not fails to compile. */
export const statementTable = {
  select: selectEntry,
  explain: explainEntry,
  'create-table': createTableEntry,
  'create-table-from': createTableFromEntry,
  'create-table-as': createTableAsEntry,
  'create-view': createViewEntry,
  'create-stored-view': createStoredViewEntry,
  refresh: refreshEntry,
  maintain: maintainEntry,
  lock: lockEntry,
  'create-schema': createSchemaEntry,
  'create-index': createIndexEntry,
  'create-model': createModelEntry,
  'create-sequence': createSequenceEntry,
  'create-enum': createEnumEntry,
  'create-composite': createCompositeEntry,
  'alter-type': alterTypeEntry,
  alter: alterEntry,
  'alter-schema': alterSchemaEntry,
  drop: dropEntry,
  insert: insertEntry,
  update: updateEntry,
  delete: deleteEntry,
  merge: mergeEntry,
  truncate: truncateEntry,
  copy: copyEntry,
  prepare: prepareEntry,
  execute: executeEntry,
  declare: declareEntry,
  fetch: fetchEntry,
  close: closeEntry,
  'create-table-as-execute': createTableAsExecuteEntry,
  show: showEntry,
  describe: describeEntry,
  set: setEntry,
  transaction: transactionEntry,
  savepoint: savepointEntry,
  'create-function': createFunctionEntry,
  'create-macro': createMacroEntry,
  'drop-function': dropFunctionEntry,
  'alter-function': alterFunctionEntry,
  call: callEntry,
  discard: discardEntry,
  checkpoint: checkpointEntry,
  deallocate: deallocateEntry,
  unsupported: unsupportedEntry,
} satisfies { readonly [K in StatementKind]: StatementEntry<StatementOf<K>> }

/** The entry of a statement's kind. */
export function entryOf({ kind }: Statement): StatementEntry<Statement> {
  return statementTable[kind] as StatementEntry<Statement>
}
