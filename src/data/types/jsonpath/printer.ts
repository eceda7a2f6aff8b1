import { quotedJson } from '../json-value.ts'
import type { ItemRange, JsonPath, Level, PathItem, PathStep } from './tree.ts'

/** PostgreSQL's text of a path. */
export function jsonPathText({ isStrict, root }: JsonPath): string {
  return (isStrict ? 'strict ' : '') + printed(root, false, true)
}

function printed(item: PathItem, isBehind: boolean, withBrackets: boolean): string {
  let text = ''
  let behind = isBehind
  let brackets = withBrackets
  for (let at: PathItem | undefined = item; at !== undefined; at = at.next) {
    text += stepText(at.step, at.next !== undefined, behind, brackets)
    behind = true
    brackets = true
  }
  return text
}

function stepText(
  step: PathStep,
  hasNext: boolean,
  isBehind: boolean,
  withBrackets: boolean,
): string {
  const dot = isBehind ? '.' : ''
  const bracketed = (text: string): string => (withBrackets ? `(${text})` : text)
  switch (step.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(step.value)
    case 'number':
      return hasNext ? `(${step.digits})` : step.digits
    case 'string':
      return quotedJson(step.text)
    case 'variable':
      return `$${quotedJson(step.name)}`
    case 'root':
      return '$'
    case 'current':
      return '@'
    case 'last':
      return 'last'
    case 'member':
      return dot + quotedJson(step.name)
    case 'any member':
      return `${dot}*`
    case 'any item':
      return '[*]'
    case 'items':
      return `[${step.ranges.map(rangeText).join(',')}]`
    case 'levels':
      return dot + levelsText(step.first, step.last)
    case 'filter':
      return `?(${printed(step.condition, false, false)})`
    case 'method':
      return `.${step.name}()`
    case 'datetime':
      return `.datetime(${step.template === undefined ? '' : quotedJson(step.template)})`
    case 'not':
      return `!(${printed(step.operand, false, false)})`
    case 'is unknown':
      return `(${printed(step.operand, false, false)}) is unknown`
    case 'exists':
      return `exists (${printed(step.operand, false, false)})`
    case 'sign':
      return bracketed(step.operator + operandText(step.operand, step))
    case 'like_regex': {
      const flags = step.flags === '' ? '' : ` flag "${step.flags}"`
      const pattern = quotedJson(step.pattern)
      return bracketed(`${operandText(step.operand, step)} like_regex ${pattern}${flags}`)
    }
    case 'and':
    case 'or':
    case 'comparison':
    case 'starts with':
    case 'arithmetic': {
      const left = operandText(step.left, step)
      const right = operandText(step.right, step)
      return bracketed(`${left} ${infix(step)} ${right}`)
    }
  }
}

function rangeText({ from, to }: ItemRange): string {
  const start = printed(from, false, false)
  return to === undefined ? start : `${start} to ${printed(to, false, false)}`
}

function operandText(operand: PathItem, within: PathStep): string {
  return printed(operand, false, priority(operand.step) <= priority(within))
}

function infix(step: PathStep): string {
  if (step.kind === 'and') return '&&'
  if (step.kind === 'or') return '||'
  return step.kind === 'comparison' || step.kind === 'arithmetic' ? step.operator : step.kind
}

/** How tight what stands between operands binds; all else does not need brackets. */
const priorities: Readonly<Partial<Record<PathStep['kind'], number>>> = {
  or: 0,
  and: 1,
  comparison: 2,
  'starts with': 2,
  sign: 5,
}
const TIGHTEST = 6

function priority(step: PathStep): number {
  if (step.kind !== 'arithmetic') return priorities[step.kind] ?? TIGHTEST
  return step.operator === '+' || step.operator === '-' ? 3 : 4
}

function levelsText(first: Level, last: Level): string {
  if (first === 0 && last === 'last') return '**'
  return first === last ? `**{${first}}` : `**{${first} to ${last}}`
}
