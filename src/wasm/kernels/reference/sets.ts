// Sets of members: what each look-up gives, whatever the slots are.

/** The reference of `wordSetEnter` and `wordSetHas`: equal words. */
export function hasWord(members: readonly bigint[], word: bigint): boolean {
  return members.includes(word)
}

/** The reference of `pairSetEnter` and the look-ups by kind: `same` says what is equal. */
export function hasMember<T>(
  members: readonly T[],
  value: T,
  same: (left: T, right: T) => boolean,
): boolean {
  return members.some((member) => same(member, value))
}
