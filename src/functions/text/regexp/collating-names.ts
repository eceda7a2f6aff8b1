/** POSIX's names of the ASCII characters, in the order of their codes; `[[.comma.]]`. */
const names: readonly string[] = [
  'NUL SOH STX ETX EOT ENQ ACK BEL|alert BS|backspace HT|tab LF|newline VT|vertical-tab',
  'FF|form-feed CR|carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4|FS',
  'IS3|GS IS2|RS IS1|US space exclamation-mark quotation-mark number-sign dollar-sign',
  'percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma',
  'hyphen|hyphen-minus period|full-stop slash|solidus zero one two three four five six seven',
  'eight nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark',
  'commercial-at - - - - - - - - - - - - - - - - - - - - - - - - - - left-square-bracket',
  'backslash|reverse-solidus right-square-bracket circumflex|circumflex-accent',
  'underscore|low-line grave-accent - - - - - - - - - - - - - - - - - - - - - - - - - -',
  'left-brace|left-curly-bracket vertical-line right-brace|right-curly-bracket tilde DEL',
]

const codes: ReadonlyMap<string, number> = new Map(
  names
    .join(' ')
    .split(' ')
    .flatMap((entry, code) => entry.split('|').map((name) => [name, code] as const))
    .filter(([name]) => name !== '-'),
)

/** The code point that a collating element names: itself, or one with a name. */
export function collatingElement(name: string): number | undefined {
  const code = name.codePointAt(0) ?? -1
  return name.length === (code > 0xffff ? 2 : 1) ? code : codes.get(name)
}
