/** Words that may follow a whole query: set operations and what is last in it. */
export const queryTails: readonly string[] = [
  'union',
  'intersect',
  'except',
  'order',
  'limit',
  'offset',
  'fetch',
  'for',
]

/** Words and symbols that end a select list. */
export const targetListEnds: readonly string[] = [
  'into',
  'from',
  'where',
  'group',
  'having',
  'window',
  ...queryTails,
  ')',
  ';',
]
