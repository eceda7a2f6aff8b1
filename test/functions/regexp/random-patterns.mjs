// Random patterns and texts, by a seed: for comparing with PostgreSQL.

/** A generator of numbers from 0 (included) to 1 (Mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const letters = ['a', 'a', 'b', 'b', 'c', 'A', 'é', '1', '_', ' ', '-', '\n', '😀', 'ß', 'Σ', ']']
const classes = ['alpha', 'digit', 'upper', 'lower', 'space', 'punct', 'alnum', 'word', 'xdigit']
const wrong = [
  '[[:nope:]]',
  '\\q',
  '(?x',
  'a{2',
  'a{3,2}',
  '[b-a]',
  '*',
  '[a',
  '[[.zz.]]',
  '\\7',
  ')',
  '(',
  '{1}',
  '(?i',
  '[a-\\d]',
  'a**',
  '\\',
]

export function randomPattern(random, { backReferences = false, looks = true } = {}) {
  const pick = (list) => list[Math.floor(random() * list.length)]
  const chance = (odds) => random() < odds
  let groups = 0

  function bracket() {
    let inside = chance(0.3) ? '^' : ''
    if (chance(0.15)) inside += ']'
    const count = 1 + Math.floor(random() * 3)
    for (let i = 0; i < count; i++) {
      if (chance(0.25)) inside += `[:${pick(classes)}:]`
      else if (chance(0.2)) inside += pick(['\\w', '\\s', '\\d', '\\W', '\\D'])
      else if (chance(0.3))
        inside += pick(['a-b', 'a-c', 'A-Z', '0-9', 'b-é', '[.a.]-c', '[=b=]', '+--'])
      else inside += pick(['a', 'b', 'c', 'A', 'é', '_', ' ', '\\n', '\\]', '[.comma.]', '.', '('])
    }
    if (chance(0.1)) inside += '-'
    return `[${inside}]`
  }

  function atom(depth) {
    const roll = random()
    if (roll < 0.42 || depth > 3)
      return pick(['a', 'b', 'c', 'a', 'b', 'é', 'A', '1', '_', ' ', '😀', 'ß'])
    if (roll < 0.5) return '.'
    if (roll < 0.58) return bracket()
    if (roll < 0.64)
      return pick(['\\w', '\\W', '\\d', '\\s', '\\S', '\\D', '\\.', '\\x61', '\\u0061', '\\141'])
    if (backReferences && groups > 0 && chance(0.3)) return `\\${1 + Math.floor(random() * groups)}`
    if (roll < 0.85) {
      const body = choice(depth + 1)
      groups++
      return `(${body})`
    }
    return `(?:${choice(depth + 1)})`
  }

  function condition(depth) {
    if (looks && chance(0.3)) {
      const before = groups
      const body = choice(depth + 2)
      groups = before
      return `(?${pick(['=', '!', '<=', '<!'])}${body.replaceAll(/\\[1-9](?!\d)/g, 'a')})`
    }
    return pick(['^', '$', '\\m', '\\M', '\\y', '\\Y', '\\A', '\\Z', '[[:<:]]', '[[:>:]]'])
  }

  function quantifier() {
    const roll = random()
    if (roll < 0.6) return ''
    const mark = pick([
      '*',
      '+',
      '?',
      '*',
      '+',
      '?',
      '{2}',
      '{1,2}',
      '{0,1}',
      '{1,}',
      '{2,3}',
      '{0}',
      '{0,3}',
      '{1,1}',
    ])
    return mark + (chance(0.35) ? '?' : '')
  }

  function branch(depth) {
    let text = ''
    const count = Math.floor(random() * 4) + (chance(0.9) ? 1 : 0)
    for (let i = 0; i < count; i++)
      text += chance(0.1) ? condition(depth) : atom(depth) + quantifier()
    return text
  }

  function choice(depth) {
    let text = branch(depth)
    while (chance(0.18)) text += `|${branch(depth)}`
    return text
  }

  if (chance(0.02)) return choice(1) + pick(wrong)
  const prefix = chance(0.06)
    ? pick(['(?i)', '(?n)', '(?x)', '***:', '***=', '(?s)', '(?w)', '(?p)', '(?q)', '(?e)', '(?b)'])
    : ''
  return prefix + choice(0)
}

export function randomText(random, most = 10) {
  let text = ''
  const count = Math.floor(random() * most)
  for (let i = 0; i < count; i++) {
    text +=
      random() < 0.75
        ? 'aabbc'[Math.floor(random() * 5)]
        : letters[Math.floor(random() * letters.length)]
  }
  return text
}

const flagSets = ['', '', '', '', '', 'i', 'n', 'x', 'p', 'w', 'in', 'e', 'b', 'q', 's', 'z']

export function randomFlags(random) {
  return flagSets[Math.floor(random() * flagSets.length)]
}
