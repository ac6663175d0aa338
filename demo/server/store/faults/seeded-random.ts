/**
 * Numbers from 0 to 1 that look random, and are the same for the same seed (a linear congruential generator, mixed).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    // The constants of "Numerical Recipes": every state occurs once in 2^32 steps.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const mixed = Math.imul(state ^ (state >>> 16), 0x45d9f3b)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
