import { unlike, type FunctionCase } from './case.ts'

/** Ranges, multiranges and rows: DuckDB has no ranges, so that two columns stand for one there. */
export const rangeCases: readonly FunctionCase[] = [
  ...unlike('number', {
    'lower(y)': 'case when y is not null then y.lo end',
    'upper(y)': 'case when y is not null then y.hi end',
  }),
  ...unlike('truth', {
    'isempty(y)': 'y.lo >= y.hi',
    'lower_inc(y)': 'case when y is not null then y.lo is not null end',
    'upper_inf(y)': 'case when y is not null then y.hi is null end',
    'y @> i2': 'i2 >= y.lo and i2 < y.hi',
    'y && y2': 'y.lo < y2.hi and y2.lo < y.hi',
    'y << y2': 'y.hi <= y2.lo',
    'y -|- y2': 'y.hi = y2.lo or y2.hi = y.lo',
    'y = y2': 'y = y2',
  }),
  ...unlike('presence', {
    'y * y2':
      'case when y is not null then struct_pack(lo := greatest(y.lo, y2.lo), hi := least(y.hi, y2.hi)) end',
    'int4range(i2, i2 + 5)': 'struct_pack(lo := i2, hi := i2 + 5)',
    'cast(y as varchar)': 'cast(y as varchar)',
    'range_merge(y, y2)':
      'case when y is not null then struct_pack(lo := least(y.lo, y2.lo), hi := greatest(y.hi, y2.hi)) end',
    'row(i, plain)': 'row(i, plain)',
    'row_to_json(row(i, plain))': 'to_json(struct_pack(f1 := i, f2 := plain))',
  }),
]
