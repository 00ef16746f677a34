// @ts-check
/**
 * State values, and whether one matches a pattern, with XState's semantics.
 *
 * A state value is the active leaf's name (`"idle"`), or an object from a compound state, or
 * each region of a parallel one, to the value within it (`{ question: "open" }`).
 */

/** @typedef {import('./message.d.ts').StateValue} StateValue */

/**
 * Whether the state `value` is in the state that `pattern` describes.
 *
 * A pattern may be less specific than the value (`"question"` matches `{ question: "open" }`),
 * never more specific. A string is a path whose segments are parted by dots; a backslash takes
 * the next character literally. An object must hold in all its keys.
 *
 * As `matchesState` of XState 5 (packages/core/src/utils.ts), but for names that every object
 * inherits (`"toString"`): to us they are names like any other.
 *
 * @param {StateValue} pattern
 * @param {StateValue} value
 * @returns {boolean}
 */
export function matches(pattern, value) {
  const wanted = expanded(pattern)
  const active = expanded(value)
  if (typeof active === 'string') return wanted === active
  if (typeof wanted === 'string') return Object.hasOwn(active, wanted)
  return Object.entries(wanted).every(([key, part]) => {
    const inner = Object.hasOwn(active, key) ? active[key] : undefined
    return inner !== undefined && matches(part, inner)
  })
}

/**
 * The segments of a dotted state path: `a.b\.c` gives `["a", "b.c"]`.
 *
 * @param {string} state
 * @returns {string[]}
 */
export function pathOf(state) {
  const segments = ['']
  const characters = state[Symbol.iterator]()
  for (const character of characters) {
    if (character === '.') segments.push('')
    else {
      const literal = character === '\\' ? (characters.next().value ?? '') : character
      segments[segments.length - 1] += literal
    }
  }
  return segments
}

/** @type {(value: StateValue) => StateValue} */
function expanded(value) {
  if (typeof value !== 'string' || !/[.\\]/.test(value)) return value
  const path = pathOf(value)
  /** @type {StateValue} */
  let inner = path.pop() ?? ''
  for (const segment of path.reverse()) inner = { [segment]: inner }
  return inner
}
