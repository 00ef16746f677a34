// @ts-check
/** What a platform's timers can do. */

/** The longest wait in milliseconds: it is kept in 32 bits, and what is longer rings at once. */
export const LONGEST = 2 ** 31 - 1
