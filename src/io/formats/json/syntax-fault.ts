/** Where a text stops being JSON, and what could stand there. */
export interface SyntaxFault {
  readonly at: number
  readonly expected: string
}

type Wanted = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or ]' | 'comma or }'

const expectations: Readonly<Record<Wanted, string>> = {
  value: 'a JSON value',
  'value or ]': 'a JSON value or "]"',
  key: 'a key in quotes',
  'key or }': 'a key in quotes or "}"',
  colon: '":"',
  'comma or ]': '"," or "]"',
  'comma or }': '"," or "}"',
}

const blanks = /[ \t\n\r]*/y
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y

/** The first fault in the JSON value that begins at `from`; undefined when the value has none. */
export function syntaxFault(text: string, from: number): SyntaxFault | undefined {
  const open: ('{' | '[')[] = []
  let wanted: Wanted = 'value'
  for (let at = from; ;) {
    at = behind(blanks, text, at)
    const fault = { at, expected: expectations[wanted] }
    const character = text[at]
    if (character === undefined) return fault
    if (closes(character, wanted)) {
      open.pop()
      at++
    } else if (wanted === 'colon') {
      if (character !== ':') return fault
      wanted = 'value'
      at++
      continue
    } else if (wanted === 'comma or ]' || wanted === 'comma or }') {
      if (character !== ',') return fault
      wanted = wanted === 'comma or ]' ? 'value' : 'key'
      at++
      continue
    } else if (wanted === 'key' || wanted === 'key or }') {
      const end = behindString(text, at)
      if (typeof end !== 'number') return end ?? fault
      wanted = 'colon'
      at = end
      continue
    } else if (character === '{' || character === '[') {
      open.push(character)
      wanted = character === '{' ? 'key or }' : 'value or ]'
      at++
      continue
    } else {
      const end = character === '"' ? behindString(text, at) : behind(scalar, text, at)
      if (typeof end !== 'number' || end === at) return (typeof end === 'object' && end) || fault
      at = end
    }
    // A value has ended.
    const around = open.at(-1)
    if (around === undefined) return undefined
    wanted = around === '[' ? 'comma or ]' : 'comma or }'
  }
}

function closes(character: string, wanted: Wanted): boolean {
  return (character === ']' || character === '}') && wanted.endsWith(`or ${character}`)
}

/** Where the match ends that begins here; `at` where there is none. */
function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

const ESCAPED_AGAIN = '"\\/bfnrt'
const hex = /[0-9a-fA-F]{4}/y
// eslint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f]/g

/** Behind the string that begins here, or what is wrong within it; undefined when none begins. */
function behindString(text: string, start: number): number | SyntaxFault | undefined {
  if (text[start] !== '"') return undefined
  for (let at = start + 1; ;) {
    special.lastIndex = at
    const found = special.exec(text)
    if (found === null) return { at: text.length, expected: 'a closing quote' }
    at = found.index
    if (found[0] === '"') return at + 1
    if (found[0] !== '\\') return { at, expected: 'an escape in place of a control character' }
    const escape = text[at + 1] ?? ''
    const isHex = escape === 'u' && behind(hex, text, at + 2) > at + 2
    if (!isHex && (escape === '' || !ESCAPED_AGAIN.includes(escape))) {
      return { at, expected: 'an escape of JSON' }
    }
    at += isHex ? 6 : 2
  }
}
