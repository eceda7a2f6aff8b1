import {
  arrayOf,
  bool,
  int4,
  int8,
  text,
  timestamptz,
  typeName,
  type DataType,
} from '../../data/types/data-type.ts'
import { writeArrayText, listOf } from '../../data/types/array-text.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { SystemRows } from '../../plan/binder/context.ts'
import { settingNamed, settings } from '../settings/settings.ts'
import type { Surroundings } from './surroundings.ts'

/** A view of PostgreSQL's over what its session knows. */
interface SystemView {
  readonly columns: SystemRows['columns']
  rows(around: Surroundings): readonly (readonly Scalar[])[]
}

const names = (...columns: readonly (readonly [string, DataType])[]): SystemRows['columns'] =>
  columns.map(([name, type]) => ({ name, type }))

const texts: DataType = arrayOf({ kind: 'text' })

/** Every such view by its name. */
const systemViews: Readonly<Record<string, SystemView>> = {
  pg_prepared_statements: {
    columns: names(
      ['name', text],
      ['statement', text],
      ['prepare_time', timestamptz],
      ['parameter_types', texts],
      ['from_sql', bool],
      ['generic_plans', int8],
      ['custom_plans', int8],
    ),
    rows: ({ prepared }) =>
      Array.from(prepared.entries(), ([name, one]) => [
        name,
        one.shown,
        one.preparedMicros,
        writeArrayText(listOf(one.prepared.parameterTypes.map((type) => typeName(type)))),
        one.isOfSql,
        0n,
        0n,
      ]),
  },
  pg_cursors: {
    columns: names(
      ['name', text],
      ['statement', text],
      ['is_holdable', bool],
      ['is_binary', bool],
      ['is_scrollable', bool],
      ['creation_time', timestamptz],
    ),
    rows: ({ cursors }) =>
      Array.from(cursors.entries(), ([name, one]) => {
        const { shown, isHeld, isScrollable, declaredMicros } = one
        return [name, shown, isHeld, false, isScrollable, declaredMicros]
      }),
  },
  pg_settings: {
    columns: names(
      ['name', text],
      ['setting', text],
      ['unit', text],
      ['category', text],
      ['short_desc', text],
      ['extra_desc', text],
      ['context', text],
      ['vartype', text],
      ['source', text],
      ['min_val', text],
      ['max_val', text],
      ['enumvals', texts],
      ['boot_val', text],
      ['reset_val', text],
      ['sourcefile', text],
      ['sourceline', int4],
      ['pending_restart', bool],
    ),
    rows: (around) => Object.keys(settings).map((name) => settingRow(around, name)),
  },
}

/** What is not known of a setting is NULL; values are as SHOW prints them. */
function settingRow({ settings: own }: Surroundings, name: string): readonly Scalar[] {
  const setting = settingNamed(name)
  const value = own.show(name)
  return [
    setting?.shownName ?? name,
    value,
    null,
    null,
    setting?.doc ?? '',
    null,
    setting?.fixed === true ? 'internal' : 'user',
    null,
    value === setting?.initial ? 'default' : 'session',
    null,
    null,
    null,
    setting?.initial ?? null,
    setting?.initial ?? null,
    null,
    null,
    false,
  ]
}

/** The rows of the view of a name, as they are now; undefined where there is none. */
export function systemRows(around: Surroundings, name: string): SystemRows | undefined {
  const view = Object.hasOwn(systemViews, name) ? systemViews[name] : undefined
  return view && { columns: view.columns, rows: view.rows(around) }
}
