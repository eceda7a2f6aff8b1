import { notSupported, QueryError } from '../../base/errors.ts'
import type { CopyOption, CopyOptionValue, CopyStatement } from '../../sql/ast/copy.ts'
import type { Identifier } from '../../sql/ast/expression.ts'
import { encodingKinds } from '../settings/encodings.ts'

/** How the rows of a COPY are written, with every choice made. */
export interface CopyForm {
  readonly format: 'text' | 'csv' | 'binary'
  /** One character of ASCII. */
  readonly delimiter: string
  readonly nullText: string
  readonly header: 'none' | 'names' | 'match'
  /** Of CSV: one character of ASCII each. */
  readonly quote: string
  readonly escape: string
  readonly forceQuote: ForcedColumns
  readonly forceNotNull: ForcedColumns
  readonly forceNull: ForcedColumns
}

/** Columns that an option names, all of them, or none. */
export type ForcedColumns = readonly Identifier[] | 'all'

type Draft = {
  -readonly [K in keyof CopyForm]?: CopyForm[K]
}

interface OptionInput {
  readonly draft: Draft
  readonly option: CopyOption
  readonly direction: CopyStatement['direction']
}

/** An option: what it says of the form. */
type OptionReader = (input: OptionInput) => void

/** Every option that COPY takes. */
const readers: Readonly<Record<string, OptionReader>> = {
  format({ draft, option }) {
    const format = textOf(option)
    if (format !== 'text' && format !== 'csv' && format !== 'binary') {
      const message = `COPY format "${format}" not recognized`
      throw new QueryError('INVALID_PARAMETER_VALUE', message, { span: option.span })
    }
    draft.format = format
  },
  freeze({ option }) {
    if (booleanOf(option)) throw notSupported('COPY FREEZE', option.span)
  },
  delimiter({ draft, option }) {
    draft.delimiter = textOf(option)
  },
  null({ draft, option }) {
    draft.nullText = textOf(option)
  },
  header({ draft, option, direction }) {
    draft.header = headerOf(option, direction)
  },
  quote({ draft, option }) {
    draft.quote = textOf(option)
  },
  escape({ draft, option }) {
    draft.escape = textOf(option)
  },
  force_quote({ draft, option }) {
    draft.forceQuote = option.value?.kind === 'all' ? 'all' : columnsOf(option)
  },
  force_not_null({ draft, option }) {
    draft.forceNotNull = columnsOf(option)
  },
  force_null({ draft, option }) {
    draft.forceNull = columnsOf(option)
  },
  encoding({ option }) {
    checkEncoding(option)
  },
}

/** Reads the options of a COPY. Errors: PostgreSQL's, with the place of the option. */
export function copyFormOf({ options, direction }: CopyStatement): CopyForm {
  const draft: Draft = {}
  const seen = new Set<string>()
  for (const option of options) {
    const { name, span } = option
    if (!Object.hasOwn(readers, name)) {
      throw new QueryError('SYNTAX_ERROR', `option "${name}" not recognized`, { span })
    }
    if (seen.has(name)) {
      throw new QueryError('SYNTAX_ERROR', 'conflicting or redundant options', { span })
    }
    seen.add(name)
    readers[name]!({ draft, option, direction })
  }
  checkBinary(draft)
  const isCsv = draft.format === 'csv'
  const quote = draft.quote ?? '"'
  const form: CopyForm = {
    format: draft.format ?? 'text',
    delimiter: draft.delimiter ?? (isCsv ? ',' : '\t'),
    nullText: draft.nullText ?? (isCsv ? '' : '\\N'),
    header: draft.header ?? 'none',
    quote,
    escape: draft.escape ?? quote,
    forceQuote: draft.forceQuote ?? [],
    forceNotNull: draft.forceNotNull ?? [],
    forceNull: draft.forceNull ?? [],
  }
  checkForm(form, draft, { direction, options })
  return form
}

function checkBinary({ format, delimiter, nullText }: Draft): void {
  if (format !== 'binary') return
  const odd = delimiter === undefined ? nullText !== undefined && 'NULL' : 'DELIMITER'
  if (odd !== false) throw new QueryError('SYNTAX_ERROR', `cannot specify ${odd} in BINARY mode`)
}

/** Characters that mean something behind a backslash. */
const ofText = '\\.abcdefghijklmnopqrstuvwxyz0123456789'
const lineEnd = /[\r\n]/

/** One rule of PostgreSQL's; in its order, as the first that is broken is told. `option`: where. */
type FormRule = readonly [isBroken: boolean, code: RuleCode, message: string, option: string]
type RuleCode = 'FEATURE_NOT_SUPPORTED' | 'INVALID_PARAMETER_VALUE'

type Given = Pick<CopyStatement, 'direction' | 'options'>

function checkForm(form: CopyForm, draft: Draft, { direction, options }: Given): void {
  const broken = rulesOf(form, draft, direction).find(([isBroken]) => isBroken)
  if (broken === undefined) return
  const [, code, message, name] = broken
  const span = options.find((option) => option.name === name)?.span
  throw new QueryError(code, message, span && { span })
}

function rulesOf(
  form: CopyForm,
  draft: Draft,
  direction: CopyStatement['direction'],
): readonly FormRule[] {
  const { delimiter, nullText, quote, escape } = form
  const isCsv = form.format === 'csv'
  const isFrom = direction === 'from'
  const none = 'FEATURE_NOT_SUPPORTED'
  const wrong = 'INVALID_PARAMETER_VALUE'
  const one = 'must be a single one-byte character'
  return [
    [!isOneByte(delimiter), none, `COPY delimiter ${one}`, 'delimiter'],
    [
      lineEnd.test(delimiter),
      wrong,
      'COPY delimiter cannot be newline or carriage return',
      'delimiter',
    ],
    [
      lineEnd.test(nullText),
      wrong,
      'COPY null representation cannot use newline or carriage return',
      'null',
    ],
    [
      !isCsv && ofText.includes(delimiter),
      wrong,
      `COPY delimiter cannot be "${delimiter}"`,
      'delimiter',
    ],
    [
      form.format === 'binary' && form.header !== 'none',
      none,
      'cannot specify HEADER in BINARY mode',
      'header',
    ],
    [!isCsv && draft.quote !== undefined, none, 'COPY quote available only in CSV mode', 'quote'],
    [isCsv && !isOneByte(quote), none, `COPY quote ${one}`, 'quote'],
    [isCsv && delimiter === quote, wrong, 'COPY delimiter and quote must be different', 'quote'],
    [
      !isCsv && draft.escape !== undefined,
      none,
      'COPY escape available only in CSV mode',
      'escape',
    ],
    [isCsv && !isOneByte(escape), none, `COPY escape ${one}`, 'escape'],
    ...forceRules(form, isCsv, isFrom),
    [
      nullText.includes(delimiter),
      none,
      'COPY delimiter must not appear in the NULL specification',
      'null',
    ],
    [
      isCsv && nullText.includes(quote),
      none,
      'CSV quote character must not appear in the NULL specification',
      'null',
    ],
  ]
}

function forceRules(form: CopyForm, isCsv: boolean, isFrom: boolean): readonly FormRule[] {
  const rules = (
    given: ForcedColumns,
    name: string,
    isHere: boolean,
    where: string,
  ): FormRule[] => {
    if (given !== 'all' && given.length === 0) return []
    return [
      [
        !isCsv,
        'FEATURE_NOT_SUPPORTED',
        `COPY ${name} available only in CSV mode`,
        name.replaceAll(' ', '_'),
      ],
      [
        !isHere,
        'FEATURE_NOT_SUPPORTED',
        `COPY ${name} only available using COPY ${where}`,
        name.replaceAll(' ', '_'),
      ],
    ]
  }
  return [
    ...rules(form.forceQuote, 'force quote', !isFrom, 'TO'),
    ...rules(form.forceNotNull, 'force not null', isFrom, 'FROM'),
    ...rules(form.forceNull, 'force null', isFrom, 'FROM'),
  ]
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text < '\u0080'
}

function textOf({ name, value, span }: CopyOption): string {
  if (value === undefined) {
    throw new QueryError('SYNTAX_ERROR', `${name} requires a parameter`, { span })
  }
  return valueText(value)
}

function valueText(value: CopyOptionValue): string {
  switch (value.kind) {
    case 'text':
    case 'number':
      return value.text
    case 'all':
      return '*'
    case 'list':
      return value.items.map(({ text }) => text).join('.')
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['off', false],
  ['0', false],
])

function booleanOf(option: CopyOption, others = ''): boolean {
  if (option.value === undefined) return true
  const known = booleans.get(valueText(option.value).toLowerCase())
  if (known !== undefined) return known
  const message = `${option.name} requires a Boolean value${others}`
  throw new QueryError('SYNTAX_ERROR', message, { span: option.span })
}

function headerOf(option: CopyOption, direction: CopyStatement['direction']): CopyForm['header'] {
  if (option.value !== undefined && valueText(option.value).toLowerCase() === 'match') {
    if (direction === 'from') return 'match'
    const message = `cannot use "match" with HEADER in COPY TO`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: option.span })
  }
  return booleanOf(option, ' or "match"') ? 'names' : 'none'
}

function columnsOf({ name, value, span }: CopyOption): readonly Identifier[] {
  if (value?.kind === 'list') return value.items
  const message = `argument to option "${name}" must be a list of column names`
  throw new QueryError('INVALID_PARAMETER_VALUE', message, { span })
}

/** Texts are UTF-8; what other encodings have is their first half, which is ASCII. */
function checkEncoding(option: CopyOption): void {
  const given = textOf(option)
  const kind = encodingKinds.get(given.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
  if (kind === undefined) {
    const message = 'argument to option "encoding" must be a valid encoding name'
    throw new QueryError('INVALID_PARAMETER_VALUE', message, { span: option.span })
  }
  if (kind === 'other') throw notSupported(`COPY with encoding ${given}`, option.span)
}
