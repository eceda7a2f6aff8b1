import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'

/** What stands in a template: something of the number, or a text that is copied. */
export type TemplateNode =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'text'; readonly text: string }

/** Patterns by the way they are written; those that begin alike stand from the longest on. */
const patterns = {
  ',': 'comma',
  '.': 'point',
  '0': 'zero',
  '9': 'nine',
  B: 'blank',
  C: 'none',
  D: 'point',
  EEEE: 'scientific',
  FM: 'fill',
  G: 'comma',
  L: 'currency',
  MI: 'minus',
  PL: 'plus',
  PR: 'bracket',
  RN: 'roman',
  SG: 'either',
  SP: 'none',
  S: 'sign',
  TH: 'ordinal',
  V: 'shift',
} as const

export type Action = (typeof patterns)[keyof typeof patterns] | 'smallRoman' | 'smallOrdinal'

/** Patterns that say something else in small letters. */
const small: Readonly<Partial<Record<Action, Action>>> = {
  roman: 'smallRoman',
  ordinal: 'smallOrdinal',
}

/** A template as PostgreSQL's NUMDesc_prepare describes it (formatting.c). */
export interface NumberTemplate {
  readonly nodes: readonly TemplateNode[]
  /** Places before and behind the point; of V. */
  pre: number
  post: number
  multi: number
  /** Place of the first zero before the point, from 1 on, and of the last zero; 0 without one. */
  zeroStart: number
  zeroEnd: number
  /** Where the sign of S stands, and how many places were before it. */
  sign: 'none' | 'before' | 'behind'
  signPlaces: number
  /** What was seen of the other patterns. */
  readonly has: Set<Action>
}

/** What reading a letter of a template costs, and showing it. */
const LETTER_STEPS = 64

export function parseNumberTemplate(source: string): NumberTemplate {
  const nodes: TemplateNode[] = []
  const template: NumberTemplate = {
    nodes,
    pre: 0,
    post: 0,
    multi: 0,
    zeroStart: 0,
    zeroEnd: 0,
    sign: 'none',
    signPlaces: 0,
    has: new Set(),
  }
  let isQuoted = false
  for (let at = 0; at < source.length;) {
    spend(LETTER_STEPS)
    const pattern = isQuoted ? undefined : patternAt(source, at)
    if (pattern !== undefined) {
      at += pattern.length
      const action = actionOf(pattern)
      nodes.push({ kind: 'action', action })
      describe(template, action)
      continue
    }
    if (source[at] === '"') {
      isQuoted = !isQuoted
      at++
      continue
    }
    // A backslash takes the next letter as it is in quotes, a quote outside of them.
    const next = source[at + 1]
    if (source[at] === '\\' && (isQuoted ? next !== undefined : next === '"')) at++
    const letter = String.fromCodePoint(source.codePointAt(at) ?? 0)
    nodes.push({ kind: 'text', text: letter })
    at += letter.length
  }
  return template
}

/** Letters are all capital or all small. */
const spellings = Object.keys(patterns).flatMap((name) => [name, name.toLowerCase()])

function patternAt(source: string, at: number): string | undefined {
  return spellings.find((spelling) => source.startsWith(spelling, at))
}

function actionOf(written: string): Action {
  const upper = written.toUpperCase()
  const action = patterns[upper as keyof typeof patterns]
  return written === upper ? action : (small[action] ?? action)
}

function wrong(message: string, detail?: string): QueryError {
  return new QueryError('SYNTAX_ERROR', message, detail === undefined ? {} : { detail })
}

const signs: readonly Action[] = ['plus', 'minus']

/** What a pattern adds to what is known, and whether it may stand there. */
function describe(template: NumberTemplate, action: Action): void {
  const { has } = template
  if (has.has('scientific') && action !== 'scientific') {
    throw wrong('"EEEE" must be the last pattern used')
  }
  const hasPoint = has.has('point')
  switch (action) {
    case 'nine':
      if (has.has('bracket')) throw wrong('"9" must be ahead of "PR"')
      if (has.has('shift')) template.multi++
      else if (hasPoint) template.post++
      else template.pre++
      break
    case 'zero':
      if (has.has('bracket')) throw wrong('"0" must be ahead of "PR"')
      if (!has.has('zero') && !hasPoint) {
        has.add('zero')
        template.zeroStart = template.pre + 1
      }
      if (hasPoint) template.post++
      else template.pre++
      template.zeroEnd = template.pre + template.post
      break
    case 'point':
      if (hasPoint) throw wrong('multiple decimal points')
      if (has.has('shift')) throw wrong('cannot use "V" and decimal point together')
      has.add(action)
      break
    case 'shift':
      if (hasPoint) throw wrong('cannot use "V" and decimal point together')
      has.add(action)
      break
    case 'blank':
      if (template.pre === 0 && template.post === 0 && !has.has('zero')) has.add(action)
      break
    case 'roman':
    case 'smallRoman':
      has.add('roman')
      break
    case 'sign':
    case 'minus':
    case 'plus':
    case 'either':
    case 'bracket':
      describeSign(template, action, hasPoint)
      break
    case 'scientific':
      checkScientific(template)
      has.add(action)
      break
    case 'fill':
      has.add(action)
      break
    case 'comma':
    case 'currency':
    case 'ordinal':
    case 'smallOrdinal':
    case 'none':
      break
  }
}

function describeSign(
  template: NumberTemplate,
  action: 'sign' | 'minus' | 'plus' | 'either' | 'bracket',
  hasPoint: boolean,
): void {
  const { has } = template
  if (action === 'sign') {
    if (has.has('sign')) throw wrong('cannot use "S" twice')
    if ([...signs, 'bracket' as const].some((other) => has.has(other))) {
      throw wrong('cannot use "S" and "PL"/"MI"/"SG"/"PR" together')
    }
    template.sign = hasPoint ? 'behind' : 'before'
    template.signPlaces = template.pre
    has.add(action)
  } else if (action === 'bracket') {
    if (has.has('sign') || signs.some((other) => has.has(other))) {
      throw wrong('cannot use "PR" and "S"/"PL"/"MI"/"SG" together')
    }
    has.add(action)
  } else {
    const written = { minus: 'MI', plus: 'PL', either: 'SG' }[action]
    if (has.has('sign')) throw wrong(`cannot use "S" and "${written}" together`)
    for (const each of action === 'either' ? signs : [action]) has.add(each)
  }
}

const besideScientific: readonly Action[] = [
  'blank',
  'fill',
  'sign',
  'bracket',
  'minus',
  'plus',
  'roman',
  'shift',
]

function checkScientific({ has }: NumberTemplate): void {
  if (has.has('scientific')) throw wrong('cannot use "EEEE" twice')
  if (besideScientific.some((other) => has.has(other))) {
    throw wrong(
      '"EEEE" is incompatible with other formats',
      '"EEEE" may only be used together with digit and decimal point patterns.',
    )
  }
}
