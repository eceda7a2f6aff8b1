import type { Random } from '../../src/base/world.ts'

/** The right side of a production. */
type Rule =
  | { readonly kind: 'terminal' | 'name'; readonly text: string }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Rule[] }
  | { readonly kind: 'repeat'; readonly item: Rule; readonly min: 0 | 1; readonly max: 1 | 3 }

const symbol = /'(?:[^']|'')*'|\w+|[()|?*+]/g

/** Reads EBNF: juxtaposition, `|`, `?`, `*`, `+`, parentheses, terminals in quotes. */
export function readRule(text: string): Rule {
  const tokens = text.match(symbol) ?? []
  let at = 0
  const choice = (): Rule => {
    const items = [sequence()]
    while (tokens[at] === '|') {
      at += 1
      items.push(sequence())
    }
    return items.length === 1 ? items[0]! : { kind: 'choice', items }
  }
  const sequence = (): Rule => {
    const items: Rule[] = []
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') items.push(suffixed())
    return { kind: 'sequence', items }
  }
  const suffixed = (): Rule => {
    const item = single()
    const suffix = tokens[at]
    if (suffix !== '?' && suffix !== '*' && suffix !== '+') return item
    at += 1
    return { kind: 'repeat', item, min: suffix === '+' ? 1 : 0, max: suffix === '?' ? 1 : 3 }
  }
  const single = (): Rule => {
    const token = tokens[at]!
    at += 1
    if (token === '(') {
      const inner = choice()
      at += 1
      return inner
    }
    if (!token.startsWith("'")) return { kind: 'name', text: token }
    return { kind: 'terminal', text: token.slice(1, -1).replaceAll("''", "'") }
  }
  return choice()
}

/** Deeper than this only the first way of a choice is taken, and nothing optional. */
const freeDepth = 26
const sentenceDepthMax = 90

/** A random sentence of the production `start`; `barred` productions are not entered by choice. */
export function sentence(
  rules: ReadonlyMap<string, Rule>,
  barred: ReadonlySet<string>,
  start: string,
  random: Random,
): string | undefined {
  const words: string[] = []
  const usable = (rule: Rule): boolean =>
    rule.kind === 'name'
      ? !barred.has(rule.text)
      : rule.kind === 'sequence'
        ? rule.items.every(usable)
        : true
  const produce = (rule: Rule, depth: number): boolean => {
    if (depth > sentenceDepthMax) return false
    switch (rule.kind) {
      case 'terminal':
        words.push(rule.text)
        return true
      case 'name':
        return produce(rules.get(rule.text)!, depth + 1)
      case 'sequence':
        return rule.items.every((item) => produce(item, depth))
      case 'choice': {
        const items = rule.items.filter(usable)
        const pick = depth > freeDepth ? 0 : Math.floor(random.next() * items.length)
        return produce(items[pick]!, depth)
      }
      case 'repeat': {
        let count = rule.min as number
        const more = (): boolean => depth <= freeDepth && random.next() < 0.25
        while (count < rule.max && more()) count += 1
        return Array.from({ length: count }).every(() => produce(rule.item, depth))
      }
    }
  }
  return produce(rules.get(start)!, 0) ? words.join(' ') : undefined
}
