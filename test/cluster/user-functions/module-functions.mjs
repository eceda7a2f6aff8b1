// A module as users have it: what it exports is called by name, and knows what is around it.
const factor = 3

export function triple(n) {
  return n * factor
}

export const notAFunction = 1
