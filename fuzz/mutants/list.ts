/** A fault put into the engine on purpose, which a fuzzer must find. */
export interface Mutant {
  readonly name: string
  readonly fuzzer:
    | 'sql'
    | 'functions'
    | 'places'
    | 'aggregates'
    | 'transactions'
    | 'files'
    | 'wire'
    | 'cluster'
    | 'spill'
  /** In code that few rows never reach: found beside our own other configurations, not by PostgreSQL alone. */
  readonly withVariants?: boolean
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** How long a fuzzer may look for one. */
export const MUTANT_SECONDS = 180

export const mutants: readonly Mutant[] = [
  {
    name: 'the missing row of an outer join reaches functions with the values of an old row',
    fuzzer: 'sql',
    file: 'src/exec/rows/gather.ts',
    find: 'return (id) => (id === missing ? null : read(id))',
    replace: 'return read',
  },
  {
    name: 'x in (1, NULL) is never TRUE',
    fuzzer: 'sql',
    file: 'src/compile/expressions/expression.ts',
    find: "f.get(known).get(found).op('i32.or')",
    replace: 'f.get(known)',
  },
  {
    name: 'FALSE AND NULL is NULL',
    fuzzer: 'sql',
    file: 'src/compile/expressions/expression.ts',
    find: "f.get(present(both, 'no validity')).get(decided).op('i32.or')",
    replace: "f.get(present(both, 'no validity'))",
  },
  {
    name: 'conditions sink into the side of a left join that may be missing',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/rules/push-filters.ts',
    find: 'left: { left: true, right: false },',
    replace: 'left: { left: true, right: true },',
  },
  {
    name: 'NOT IN as a condition forgets the NULLs of its subquery',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/unnest/subqueries.ts',
    find: "nullAware: joinKind === 'anti' && !exists }",
    replace: 'nullAware: false }',
  },
  {
    name: 'NOT IN below a condition forgets the NULLs of its subquery',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/rules/push-filters.ts',
    find: 'negative && nullAware === true ? { nullAware } : { nullAware: false }',
    replace: '{ nullAware: nullAware === true && !negative }',
  },
  {
    name: 'an outer join becomes an inner one though nothing rejects its NULLs',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/rules/push-filters.ts',
    find: 'return parts.some((part) => rejectsNulls(part, ids))',
    replace: 'return parts.some((part) => rejectsNulls(part, ids) || ids.size > 0)',
  },
  {
    name: 'NULLS FIRST and LAST are taken for the usual order',
    fuzzer: 'sql',
    file: 'src/exec/sort/sort-keys.ts',
    find: '(nullsFirst ? flags.nullsFirst : 0)',
    replace: '((nullsFirst || descending) && descending ? flags.nullsFirst : 0)',
  },
  {
    name: 'LIMIT gives a row too many',
    fuzzer: 'sql',
    withVariants: true,
    file: 'src/exec/thread/morsels.ts',
    find: 'to: Math.max(from, Math.min(end, start + rows)) - start }',
    replace: 'to: Math.max(from, Math.min(end + 1, start + rows)) - start }',
  },
  {
    name: 'quotients have too few digits',
    fuzzer: 'sql',
    file: 'src/data/types/numeric-arithmetic.ts',
    find: 'const SIGNIFICANT_DIGITS_MIN = 16',
    replace: 'const SIGNIFICANT_DIGITS_MIN = 12',
  },
  {
    name: 'quotients are cut instead of rounded',
    fuzzer: 'sql',
    file: 'src/data/types/numeric-arithmetic.ts',
    find: 'const quotient = (magnitude + (by >> 1n)) / by',
    replace: 'const quotient = magnitude / by',
  },
  {
    name: 'weeks begin on Sunday',
    fuzzer: 'sql',
    file: 'src/functions/datetime/truncate.ts',
    find: 'return days - ((weekday(days) + 6) % 7)',
    replace: 'return days - weekday(days)',
  },
  {
    name: 'functions that are strict are called with NULL',
    fuzzer: 'sql',
    file: 'src/plan/logical/evaluate.ts',
    find: "if (fn.nulls === 'strict' && args.includes(null)) return null",
    replace: "if (fn.nulls === 'strict' && args.every((arg) => arg === null)) return null",
  },
  {
    name: 'groups of several threads are not merged',
    fuzzer: 'sql',
    file: 'src/exec/breakers/aggregate.ts',
    find: '(contributors === 1 && !repeats)) return pages',
    replace: '(contributors >= 1 && !repeats)) return pages',
  },
  {
    name: 'NOT (a AND b) is NOT a AND NOT b',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/rules/simplify-booleans.ts',
    find: "return arg.kind === 'and' ? or(args) : and(args)",
    replace: 'return and(args)',
  },
  {
    name: 'count over no rows of a correlated subquery is NULL',
    fuzzer: 'sql',
    file: 'src/plan/optimizer/unnest/empty-values.ts',
    find: '    if (emptyValue === null) {',
    replace: "    if (emptyValue === null || item.fn.name !== '') {",
  },
  {
    name: 'NULL IS DISTINCT FROM NULL',
    fuzzer: 'sql',
    file: 'src/functions/operators/comparison.ts',
    find: 'if (left === null || right === null) return left !== right',
    replace: 'if (left === null || right === null) return true',
  },
  {
    name: 'ages borrow the days of the wrong month, in code',
    fuzzer: 'functions',
    file: 'src/wasm/kernels/assembly/functions/dates.ts',
    find: 'days += <i32>monthLength(a >> 9, (a >> 5) & 15)',
    replace: 'days += <i32>monthLength(b >> 9, (b >> 5) & 15)',
  },
  {
    name: 'the last bucket has the upper bound, in code',
    fuzzer: 'functions',
    file: 'src/wasm/kernels/assembly/functions/math.ts',
    find: 'if (ascending ? value >= high : value <= high) return count + 1',
    replace: 'if (ascending ? value > high : value < high) return count + 1',
  },
  {
    name: 'floats halfway between integers are cast away from zero',
    fuzzer: 'functions',
    file: 'src/data/types/round-half-even.ts',
    find: 'if (rest !== 0.5) return Math.round(value)',
    replace: 'if (rest <= 1) return Math.sign(value) * Math.round(Math.abs(value))',
  },
  {
    name: 'NULLS LAST of a descending order is taken for the usual one',
    fuzzer: 'places',
    file: 'src/exec/sort/sort-keys.ts',
    find: '(nullsFirst ? flags.nullsFirst : 0)',
    replace: '(nullsFirst || descending ? flags.nullsFirst : 0)',
  },
  {
    name: 'a limb that is carried into is lost when long sums grow in front',
    fuzzer: 'aggregates',
    file: 'src/wasm/kernels/assembly/long/sums.ts',
    find: 'settle(target, limbs + 1, lowest, turned, places)',
    replace: 'settle(target, limbs, lowest, turned, places)',
  },
  {
    name: 'what is read of a long sum has no hash',
    fuzzer: 'aggregates',
    file: 'src/compile/wasm/scope/finish-sum.ts',
    find: "f.get(high).i64(SCALE_SHIFT).op('i64.shr_u').i64(WIDE).op('i64.eq').if()",
    replace: "f.get(high).i64(SCALE_SHIFT).op('i64.shr_u').i64(-WIDE).op('i64.eq').if()",
  },
  {
    name: 'a file has no row with the smallest value that is asked for',
    fuzzer: 'files',
    file: 'src/io/formats/parquet/row-tests.ts',
    find: 'range.min > held.min ? range.min : held.min',
    replace: 'range.min >= held.min ? range.min + 1n : held.min',
  },
  {
    name: 'CSV: integers beyond 64 bits become floats',
    fuzzer: 'files',
    file: 'src/io/formats/infer-type.ts',
    find: 'return integer >= INT8_MIN && integer <= INT8_MAX ? int8 : numeric',
    replace: 'return integer >= INT8_MIN && integer <= INT8_MAX ? int8 : float8',
  },
  {
    name: 'wire: a failed transaction says that it is open',
    fuzzer: 'wire',
    file: 'src/server/pgwire/connection.ts',
    find: "const letters = { idle: 'I', open: 'T', failed: 'E' } as const",
    replace: "const letters = { idle: 'I', open: 'T', failed: 'T' } as const",
  },
  {
    name: 'wire: text that is not UTF-8 is taken with replacement characters',
    fuzzer: 'wire',
    file: 'src/base/utf8.ts',
    find: 'throw invalid(invalidSequence(bytes))',
    replace: 'text = invalidSequence(bytes).length > 0 ? new TextDecoder().decode(bytes) : ""',
  },
  {
    name: 'wire: messages behind an error are obeyed before Sync',
    fuzzer: 'wire',
    file: 'src/server/pgwire/connection.ts',
    find: 'if (this.#skipToSync && !endsSkipping) return',
    replace: 'if (this.#skipToSync && endsSkipping) return',
  },
  {
    name: 'between processes: long numerics keep the addresses of their sender',
    fuzzer: 'cluster',
    file: 'src/data/chunks/chunk-layout.ts',
    find: 'setWideSlot(view, slot, at, bytes)',
    replace: 'setWideSlot(view, slot, view.getUint32(slot, true), bytes)',
  },
  {
    name: 'between processes: every reader of a split output gets its first piece',
    fuzzer: 'cluster',
    file: 'src/cluster/held-results.ts',
    find: 'slice === WHOLE_OUTPUT ? 0 : slice',
    replace: 'slice === WHOLE_OUTPUT ? 0 : 0',
  },
  {
    name: 'between processes: a worker keeps what it was told to forget',
    fuzzer: 'cluster',
    file: 'src/cluster/worker-shell.ts',
    find: 'return this.#held.drop(resultName(instruction.task))',
    replace: 'return',
  },
  {
    name: 'a transaction that keeps its snapshot sees what others commit',
    fuzzer: 'transactions',
    file: 'src/engine/transactions/transaction.ts',
    find: 'open.failed || (open.queried && this.#keepsSnapshot)) return',
    replace: 'open.failed) return',
  },
  {
    name: 'READ COMMITTED keeps the snapshot of its first query',
    fuzzer: 'transactions',
    file: 'src/engine/transactions/transaction.ts',
    find: "return level === 'repeatable read' || level === 'serializable'",
    replace: "return level !== ''",
  },
  {
    name: 'ROLLBACK keeps what SET changed',
    fuzzer: 'transactions',
    file: 'src/engine/settings/settings.ts',
    find: 'this.#before !== undefined) this.#values = this.#before',
    replace: 'this.#before !== undefined) this.#values = new Map(this.#values)',
  },
  {
    name: 'rows that were committed meanwhile are not looked at for keys',
    fuzzer: 'transactions',
    file: 'src/engine/tables/appended-rows.ts',
    find: 'if (unseen.length === 0) return undefined',
    replace: 'if (unseen.length >= 0) return undefined',
  },
  {
    name: 'a view means what its names mean to who reads it',
    fuzzer: 'transactions',
    file: 'src/plan/catalog/schemas.ts',
    find: 'schema: schemas?.get(name.name)',
    replace: 'schema: schemas?.get(`not ${name.name}`)',
  },
  {
    name: 'a range of rows does not count the first of those before it',
    fuzzer: 'spill',
    file: 'src/cluster/own-parts.ts',
    find: 'before: sum(counts.slice(0, partition)),',
    replace: 'before: Math.max(0, sum(counts.slice(0, partition)) - 1),',
  },
  {
    name: 'a row that looks at the last of the range before finds the one before that',
    fuzzer: 'spill',
    file: 'src/cluster/own-parts.ts',
    find: 'found = [...(ends.get(at)?.last ?? []), ...found]',
    replace: 'found = [...(ends.get(at)?.last.slice(0, -1) ?? []), ...found]',
  },
  {
    name: 'a partition that goes on in the next range begins anew',
    fuzzer: 'spill',
    file: 'src/plan/physical/own-part.ts',
    find: 'if (last === undefined || partitionBy.length === 0) return undefined',
    replace: 'if (last === undefined || partitionBy.length > 0) return undefined',
  },
]
