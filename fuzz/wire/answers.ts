/** A message of a server. */
export interface Answer {
  readonly letter: string
  readonly body: Buffer
}

/** Every type of message that a server may send in the conversations that are made here. */
const LETTERS = 'RSKvZCDTtn123sIEN'

/** Splits what a server sent; `rest`: how many bytes behind the last whole message are left. */
export function answersOf(bytes: Buffer): {
  readonly answers: readonly Answer[]
  readonly rest: number
} {
  const answers: Answer[] = []
  let at = 0
  while (bytes.length - at >= 5) {
    const length = bytes.readInt32BE(at + 1)
    if (length < 4 || at + 1 + length > bytes.length) break
    const letter = String.fromCharCode(bytes[at]!)
    answers.push({ letter, body: bytes.subarray(at + 5, at + 1 + length) })
    at += 1 + length
  }
  return { answers, rest: bytes.length - at }
}

/** A field of an ErrorResponse or a notice: `S` severity, `C` code, `M` message. */
export function field({ body }: Answer, name: string): string {
  for (const part of body.toString('utf8').split('\0')) {
    if (part.startsWith(name)) return part.slice(1)
  }
  return ''
}

/**
 * What is wrong with the order of answers, whatever was asked: unknown messages, more after an error
 * before the next ReadyForQuery, a ReadyForQuery with an odd status, errors of our own making.
 */
export function disorder(answers: readonly Answer[]): string | undefined {
  let failed = false
  for (const answer of answers) {
    const { letter, body } = answer
    if (!LETTERS.includes(letter)) return `a message of type ${JSON.stringify(letter)}`
    if (letter === 'Z') {
      const status = body.toString('latin1')
      if (!['I', 'T', 'E'].includes(status)) return `ReadyForQuery with status ${status}`
      failed = false
    } else if (failed && letter !== 'S' && letter !== 'N' && !isOfTheMessage(answer)) {
      return `a message of type ${letter} between an error and ReadyForQuery`
    }
    if (letter !== 'E') continue
    failed = true
    const [code, message] = [field(answer, 'C'), field(answer, 'M')]
    if (code.startsWith('XX') || !/^[0-9A-Z]{5}$/.test(code)) return `error ${code}: ${message}`
  }
  return undefined
}

/** A Sync that is none is an error behind an error, as is what ends the connection. */
function isOfTheMessage(answer: Answer): boolean {
  if (answer.letter !== 'E') return false
  return field(answer, 'C') === '08P01' || field(answer, 'S') === 'FATAL'
}

/** Answers as one line: what two servers should agree about. */
export function summary(answers: readonly Answer[]): string {
  return answers
    .filter(({ letter }) => letter !== 'S')
    .map((answer) => {
      const { letter, body } = answer
      if (letter === 'E' || letter === 'N') return `${letter}${field(answer, 'C')}`
      if (letter === 'Z') return `Z${body.toString('latin1')}`
      if (letter === 'C') return `[${body.toString('utf8', 0, body.length - 1)}]`
      if (letter === 'D') return `(${shownRow(body)})`
      if (letter === 't') return `t${body.toString('hex')}`
      return letter === 'T' ? `T${columns(body)}` : letter
    })
    .join(' ')
}

const SHOWN_BYTES_MAX = 60

function shownRow(body: Buffer): string {
  const hex = body.toString('hex', 0, SHOWN_BYTES_MAX)
  return body.length > SHOWN_BYTES_MAX ? `${hex}... ${body.length} bytes` : hex
}

/** Names, types and formats of columns; tables and attribute numbers are left out. */
function columns(body: Buffer): string {
  const shown: string[] = []
  let at = 2
  while (at < body.length) {
    const end = body.indexOf(0, at)
    const name = body.toString('utf8', at, end)
    shown.push(`${name}:${body.readInt32BE(end + 7)}:${body.readInt16BE(end + 17)}`)
    at = end + 19
  }
  return `{${shown.join(',')}}`
}
