import type { Generator } from './random.ts'
import { grammar } from './words.ts'

const POOL_BYTES = 8 * 1_048_576

/**
 * Pseudo text as the specification makes it (section 4.2.2.10): one pool of sentences of the grammar,
 * from which comments are cut at random places.
 */
export function textPool(random: Generator): Uint8Array {
  const sentences: string[] = []
  for (let bytes = 0; bytes < POOL_BYTES;) {
    const next = sentence(random)
    sentences.push(next)
    bytes += next.length + 1
  }
  return new TextEncoder().encode(sentences.join(' ')).subarray(0, POOL_BYTES)
}

function sentence(random: Generator): string {
  const parts = random.pick([
    () => [nounPhrase(random), verbPhrase(random)],
    () => [nounPhrase(random), verbPhrase(random), prepositionalPhrase(random)],
    () => [nounPhrase(random), verbPhrase(random), nounPhrase(random)],
    () => [nounPhrase(random), prepositionalPhrase(random), verbPhrase(random), nounPhrase(random)],
    () => [
      nounPhrase(random),
      prepositionalPhrase(random),
      verbPhrase(random),
      prepositionalPhrase(random),
    ],
  ])()
  return `${parts.join(' ')}${random.pick(grammar.terminators)}`
}

function nounPhrase(random: Generator): string {
  const noun = random.pick(grammar.nouns)
  const adjective = random.pick(grammar.adjectives)
  switch (random.between(0, 3)) {
    case 0:
      return noun
    case 1:
      return `${adjective} ${noun}`
    case 2:
      return `${adjective}, ${random.pick(grammar.adjectives)} ${noun}`
    default:
      return `${random.pick(grammar.adverbs)} ${adjective} ${noun}`
  }
}

function verbPhrase(random: Generator): string {
  const verb = random.pick(grammar.verbs)
  switch (random.between(0, 3)) {
    case 0:
      return verb
    case 1:
      return `${random.pick(grammar.auxiliaries)} ${verb}`
    case 2:
      return `${verb} ${random.pick(grammar.adverbs)}`
    default:
      return `${random.pick(grammar.auxiliaries)} ${verb} ${random.pick(grammar.adverbs)}`
  }
}

function prepositionalPhrase(random: Generator): string {
  return `${random.pick(grammar.prepositions)} the ${nounPhrase(random)}`
}
