/** The word lists of the TPC-H specification (revision 3.0.1, sections 4.2.2.13, 4.2.2.14, 4.2.3). */

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

function phrases(text: string): readonly string[] {
  return text.split(',').map((phrase) => phrase.trim())
}

export const colors = words(`
  almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished
  chartreuse chiffon chocolate coral cornflower cornsilk cream cyan dark deep dim dodger drab
  firebrick floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian ivory
  khaki lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint misty
  moccasin navajo navy olive orange orchid pale papaya peach peru pink plum powder puff purple red
  rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle
  tomato turquoise violet wheat white yellow`)

export const typeSyllables = [
  words('STANDARD SMALL MEDIUM LARGE ECONOMY PROMO'),
  words('ANODIZED BURNISHED PLATED POLISHED BRUSHED'),
  words('TIN NICKEL BRASS STEEL COPPER'),
] as const

export const containerSyllables = [
  words('SM LG MED JUMBO WRAP'),
  words('CASE BOX BAG JAR PKG PACK CAN DRUM'),
] as const

export const segments = words('AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD')
export const priorities = phrases('1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW')
export const instructions = phrases('DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN')
export const shipModes = phrases('REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB')
export const regions = phrases('AFRICA,AMERICA,ASIA,EUROPE,MIDDLE EAST')

/** Nation name and region key, in key order. */
export const nations: readonly (readonly [string, number])[] = [
  ['ALGERIA', 0],
  ['ARGENTINA', 1],
  ['BRAZIL', 1],
  ['CANADA', 1],
  ['EGYPT', 4],
  ['ETHIOPIA', 0],
  ['FRANCE', 3],
  ['GERMANY', 3],
  ['INDIA', 2],
  ['INDONESIA', 2],
  ['IRAN', 4],
  ['IRAQ', 4],
  ['JAPAN', 2],
  ['JORDAN', 4],
  ['KENYA', 0],
  ['MOROCCO', 0],
  ['MOZAMBIQUE', 0],
  ['PERU', 1],
  ['CHINA', 2],
  ['ROMANIA', 3],
  ['SAUDI ARABIA', 4],
  ['VIETNAM', 2],
  ['RUSSIA', 3],
  ['UNITED KINGDOM', 3],
  ['UNITED STATES', 1],
]

export const grammar = {
  nouns: phrases(`foxes, ideas, theodolites, pinto beans, instructions, dependencies, excuses,
    platelets, asymptotes, courts, dolphins, multipliers, sauternes, warthogs, frets, dinos,
    attainments, somas, Tiresias, patterns, forges, braids, hockey players, frays, warhorses,
    dugouts, notornis, epitaphs, pearls, tithes, waters, orbits, gifts, sheaves, depths, sentiments,
    decoys, realms, pains, grouches, escapades, packages, requests, accounts, deposits`),
  verbs: words(`sleep wake are cajole haggle nag use boost affix detect integrate maintain nod was
    lose sublate solve thrash promise engage hinder print x-ray breach eat grow impress mold poach
    serve run dazzle snooze doze unwind kindle play hang believe doubt`),
  adjectives: words(`furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged
    daring brave stealthy permanent enticing idle busy regular final ironic even bold silent special
    pending unusual express`),
  adverbs: words(`sometimes always never furiously slyly carefully blithely quickly fluffily slowly
    quietly ruthlessly thinly closely doggedly daringly bravely stealthily permanently enticingly
    idly busily regularly finally ironically evenly boldly silently`),
  prepositions: phrases(`about, above, according to, across, after, against, along, alongside of,
    among, around, at, atop, before, behind, beneath, beside, besides, between, beyond, by, despite,
    during, except, for, from, in place of, inside, instead of, into, near, of, on, outside, over,
    past, since, through, throughout, to, toward, under, until, up, upon, without, with, within`),
  auxiliaries: phrases(`do, may, might, shall, will, would, can, could, should, ought to, must,
    will have to, shall have to, could have to, should have to, must have to, need to, try to`),
  terminators: words('. ; : ? ! --'),
} as const
