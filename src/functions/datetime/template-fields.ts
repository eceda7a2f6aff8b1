import { notSupported, QueryError } from '../../base/errors.ts'
import { spend } from '../../base/budget.ts'
import { templateParts, type FieldPart, type TemplatePart } from './to-char.ts'

/* What a text has of the fields of a template: DCH_from_char in PostgreSQL's formatting.c. */

/** 0: not told. */
export interface TemplateFields {
  mode: 'none' | 'gregorian' | 'iso'
  hh: number
  isTwelve: boolean
  pm: number
  mi: number
  ss: number
  ssss: number
  d: number
  dd: number
  ddd: number
  mm: number
  ms: number
  year: number
  yysz: number
  bc: number
  ww: number
  w: number
  cc: number
  j: number
  us: number
  ff: number
  tzsign: number
  tzh: number
  tzm: number
}

type NumberField = {
  [K in keyof TemplateFields]: TemplateFields[K] extends number ? K : never
}[keyof TemplateFields]

const gregorian = new Set('Y,YYY YYYY YYY YY Y DDD DD D MM MON MONTH WW W RM'.split(' '))
const iso = new Set('IYYY IYY IY I IDDD ID IW'.split(' '))
/** Fields that are digits: what is before one of them ends where its own digits do. */
const digits = new Set(
  (
    'CC DDD DD D HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MS Q SSSSS SSSS SS TZM US WW W Y,YYY YYYY ' +
    'YYY YY Y'
  ).split(' '),
)
const months =
  'january february march april may june july august september october november december'
const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'
const romans = 'xii xi x ix viii vii vi v iv iii ii i'.split(' ')
const INT4_MAX = 2_147_483_647
const PART_STEPS = 16

/** Errors: INVALID_DATETIME_FORMAT, DATETIME_OVERFLOW. */
export function readTemplate(source: string, template: string): TemplateFields {
  const reader = new TemplateReader(source, templateParts(template))
  reader.read()
  return reader.fields
}

const space = /[ \t\n\v\f\r]/
const separator = /[!-/:-@[-`{-~]/

class TemplateReader {
  readonly fields: TemplateFields = {
    mode: 'none',
    hh: 0,
    isTwelve: false,
    pm: 0,
    mi: 0,
    ss: 0,
    ssss: 0,
    d: 0,
    dd: 0,
    ddd: 0,
    mm: 0,
    ms: 0,
    year: 0,
    yysz: 0,
    bc: 0,
    ww: 0,
    w: 0,
    cc: 0,
    j: 0,
    us: 0,
    ff: 0,
    tzsign: 0,
    tzh: 0,
    tzm: 0,
  }
  readonly #source: string
  readonly #parts: readonly TemplatePart[]
  #at = 0
  /** Blanks that were passed over beyond those of the template. */
  #skipped = 0
  #isFixed = false

  constructor(source: string, parts: readonly TemplatePart[]) {
    this.#source = source
    // Each letter stands for itself.
    this.#parts = parts.flatMap((part): readonly TemplatePart[] =>
      part.kind === 'letters' ? [...part.letters].map((letters) => ({ ...part, letters })) : [part],
    )
  }

  read(): void {
    for (const [index, part] of this.#parts.entries()) {
      if (this.#at >= this.#source.length) return
      spend(PART_STEPS)
      const isField = part.kind === 'field' && part.name !== 'FX'
      const isFirstLetter = index === 0 && part.kind === 'letters'
      if (!this.#isFixed && (isField || isFirstLetter)) this.#skipBlanks()
      if (part.kind === 'letters') this.#letter(part.letters, part.isQuoted === true)
      else {
        this.#field(part, index)
        if (this.#isFixed) continue
        this.#skipped = 0
        this.#skipBlanks()
      }
    }
  }

  #skipBlanks(): void {
    while (space.test(this.#source[this.#at] ?? '')) {
      this.#at++
      this.#skipped++
    }
  }

  #letter(letter: string, isQuoted: boolean): void {
    const isGap = !isQuoted && (space.test(letter) || separator.test(letter))
    const next = this.#source[this.#at] ?? ''
    if (this.#isFixed) this.#advance()
    else if (isGap) {
      if (space.test(next) || separator.test(next)) this.#at++
      else this.#skipped--
    } else if (this.#skipped > 0) this.#skipped--
    else this.#advance()
  }

  #advance(): void {
    this.#at += String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0).length
  }

  #field(part: FieldPart, index: number): void {
    const name = part.name.toUpperCase()
    this.#setMode(gregorian.has(name) ? 'gregorian' : iso.has(name) ? 'iso' : 'none')
    if (name === 'FX') this.#isFixed = true
    else if (!this.#wordField(name, part)) this.#numberField(name, part, index)
  }

  #setMode(mode: TemplateFields['mode']): void {
    const { fields } = this
    if (mode === 'none' || fields.mode === mode) return
    if (fields.mode !== 'none') {
      throw invalid('invalid combination of date conventions', {
        hint: 'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      })
    }
    fields.mode = mode
  }

  /** Fields that are words; whether it was one. */
  #wordField(name: string, part: FieldPart): boolean {
    const { fields } = this
    switch (name) {
      case 'AM':
      case 'PM':
      case 'A.M.':
      case 'P.M.':
        this.#set('pm', this.#word(part, name.includes('.') ? ['a.m.', 'p.m.'] : ['am', 'pm']))
        fields.isTwelve = true
        return true
      case 'AD':
      case 'BC':
      case 'A.D.':
      case 'B.C.':
        this.#set('bc', this.#word(part, name.includes('.') ? ['a.d.', 'b.c.'] : ['ad', 'bc']))
        return true
      case 'MONTH':
      case 'MON':
        this.#set('mm', this.#word(part, named(months, name === 'MON')) + 1, part)
        return true
      case 'DAY':
      case 'DY':
        this.#set('d', this.#word(part, named(weekdays, name === 'DY')), part)
        fields.d++
        return true
      case 'RM':
        this.#set('mm', 12 - this.#word(part, romans), part)
        return true
      case 'TZ':
      case 'OF':
        throw notSupported(`formatting field "${part.name}" is only supported in to_char`)
      default:
        return false
    }
  }

  /** Which of some words comes next. */
  #word(part: FieldPart, words: readonly string[]): number {
    const rest = this.#source.slice(this.#at)
    const lowered = rest.toLowerCase()
    const found = words.findIndex((word) => lowered.startsWith(word))
    if (found >= 0) {
      this.#at += words[found]?.length ?? 0
      return found
    }
    const shown = rest.split(space)[0] ?? ''
    throw invalid(`invalid value "${shown}" for "${part.name}"`, {
      detail: 'The given value did not match any of the allowed values for this field.',
    })
  }

  #numberField(name: string, part: FieldPart, index: number): void {
    const { fields } = this
    const take = (field: NumberField, length = name.length): number => {
      const [value, read] = this.#number(part, index, length)
      this.#set(field, value, part)
      return read
    }
    switch (name) {
      case 'HH':
      case 'HH12':
        take('hh', 2)
        fields.isTwelve = true
        break
      case 'HH24':
        take('hh', 2)
        break
      case 'MI':
        take('mi')
        break
      case 'SS':
        take('ss')
        break
      case 'SSSS':
      case 'SSSSS':
        take('ssss')
        break
      case 'MS': {
        const read = take('ms', 3)
        fields.ms *= read === 1 ? 100 : read === 2 ? 10 : 1
        break
      }
      case 'TZH':
        this.#zoneSign()
        take('tzh', 2)
        return
      case 'TZM':
        if (fields.tzsign === 0) fields.tzsign = 1
        take('tzm', 2)
        return
      case 'Q':
        this.#number(part, index, 1)
        break
      case 'Y,YYY':
        this.#yearWithComma(part)
        break
      default:
        this.#calendarField(name, part, take)
    }
    // Two letters such as th.
    if (part.suffix.toLowerCase() === 'th') this.#at = Math.min(this.#at + 2, this.#source.length)
  }

  #calendarField(
    name: string,
    part: FieldPart,
    take: (field: NumberField, length?: number) => number,
  ): void {
    const { fields } = this
    if (name === 'US' || /^FF\d$/.test(name)) {
      if (name !== 'US') fields.ff = Number(name.slice(2))
      const read = take('us', name === 'US' ? 6 : fields.ff)
      fields.us *= 10 ** Math.max(0, 6 - Math.min(6, read))
    } else if (name === 'ID') {
      take('d', 1)
      fields.d = fields.d + 1 > 7 ? 1 : fields.d + 1
    } else if (/^I?Y{1,4}$|^I$/.test(name)) {
      const read = take('year')
      fields.yysz = name.length
      if (name.length < 4 && read < 4) fields.year = nearYear(fields.year)
    } else if (name === 'IDDD') take('ddd', 3)
    else if (name === 'IW') take('ww')
    else {
      const field = plainFields.get(name)
      if (field === undefined) throw notSupported(`formatting field "${part.name}"`)
      take(field)
    }
  }

  #yearWithComma(part: FieldPart): void {
    const match = /^\s*([-+]?\d+),(\d{1,3})/.exec(this.#source.slice(this.#at))
    if (match === null) throw invalid('invalid input string for "Y,YYY"')
    this.#set('year', Number(match[1]) * 1_000 + Number(match[2]), part)
    this.fields.yysz = 4
    this.#at += match[0].length
  }

  #zoneSign(): void {
    const next = this.#source[this.#at] ?? ''
    if (/[+\- ]/.test(next)) {
      this.fields.tzsign = next === '-' ? -1 : 1
      this.#at++
    } else {
      const isBelow = this.#skipped > 0 && this.#source[this.#at - 1] === '-'
      this.fields.tzsign = isBelow ? -1 : 1
    }
  }

  /** An integer of so many characters, or of as many as there are where no digits follow; and how many were read. */
  #number(part: FieldPart, index: number, length: number): readonly [value: number, read: number] {
    const start = this.#at
    while (space.test(this.#source[this.#at] ?? '')) this.#at++
    const copy = this.#source.slice(this.#at, this.#at + length)
    const fixedWidth = {
      hint: 'If your source string is not fixed-width, try using the "FM" modifier.',
    }
    let text: string
    if (!part.fill || this.#isOpenEnded(part, index)) {
      text = /^[+-]?\d+/.exec(this.#source.slice(this.#at))?.[0] ?? ''
      if (text === '') this.#at = start
    } else {
      if (copy.length < length) {
        throw invalid(`source string too short for "${part.name}" formatting field`, {
          detail: `Field requires ${length} characters, but only ${copy.length} remain.`,
          ...fixedWidth,
        })
      }
      text = /^\s*[+-]?\d+/.exec(copy)?.[0] ?? ''
      if (text !== '' && text.length < length) {
        throw invalid(`invalid value "${copy}" for "${part.name}"`, {
          detail: `Field requires ${length} characters, but only ${text.length} could be parsed.`,
          ...fixedWidth,
        })
      }
    }
    this.#at += text.length
    if (text === '') {
      const detail = 'Value must be an integer.'
      throw invalid(`invalid value "${copy}" for "${part.name}"`, { detail })
    }
    const value = Number(text)
    if (Math.abs(value) > INT4_MAX) {
      const message = `value for "${part.name}" in source string is out of range`
      const detail = 'Value must be in the range -2147483648 to 2147483647.'
      throw new QueryError('DATETIME_OVERFLOW', message, { detail })
    }
    return [value, this.#at - start]
  }

  /** Whether what follows a field is no digit. */
  #isOpenEnded({ suffix }: FieldPart, index: number): boolean {
    if (suffix.toLowerCase() === 'th') return true
    const next = this.#parts[index + 1]
    if (next === undefined) return true
    if (next.kind === 'letters') return !/^\d$/.test(next.letters)
    return !digits.has(next.name.toUpperCase())
  }

  #set(field: NumberField, value: number, part?: FieldPart): void {
    const before = this.fields[field]
    if (before !== 0 && before !== value) {
      throw invalid(`conflicting values for "${part?.name ?? ''}" field in formatting string`, {
        detail: 'This value contradicts a previous setting for the same field type.',
      })
    }
    this.fields[field] = value
  }
}

const plainFields: ReadonlyMap<string, NumberField> = new Map([
  ['MM', 'mm'],
  ['DDD', 'ddd'],
  ['DD', 'dd'],
  ['D', 'd'],
  ['WW', 'ww'],
  ['W', 'w'],
  ['CC', 'cc'],
  ['J', 'j'],
])

/** Years of three digits and fewer are those near 2020. */
function nearYear(year: number): number {
  if (year < 70) return year + 2_000
  if (year < 100) return year + 1_900
  if (year < 520) return year + 2_000
  return year < 1_000 ? year + 1_000 : year
}

function named(names: string, isShort: boolean): readonly string[] {
  return names.split(' ').map((name) => (isShort ? name.slice(0, 3) : name))
}

function invalid(
  message: string,
  details: { readonly detail?: string; readonly hint?: string } = {},
): QueryError {
  return new QueryError('INVALID_DATETIME_FORMAT', message, details)
}
