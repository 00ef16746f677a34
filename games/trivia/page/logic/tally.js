// @ts-check
/** What was answered, counted: bars of options, groups of texts, and one player's own result. */

/** @typedef {import('../types.js').Reveal} Reveal */
/** @typedef {import('../types.js').Players} Players */
/** @typedef {import('../types.js').QuestionCard} QuestionCard */
/** @typedef {import('../types.js').GivenAnswer} GivenAnswer */

/**
 * @typedef {object} OptionCount
 * @property {string} letter
 * @property {string} text
 * @property {boolean} right
 * @property {number} count
 * @property {number} percent  of those who chose an option
 */

/**
 * @typedef {object} TextGroup
 * @property {string} text  as most of them wrote it
 * @property {boolean} right
 * @property {number} count
 * @property {string[]} names  of some who wrote it
 */

/**
 * How often each option was chosen, in the order of their letters.
 * @param {QuestionCard} question
 * @param {Reveal} reveal
 * @returns {OptionCount[]}
 */
export function optionCounts(question, reveal) {
  const given = Object.values(reveal.answers).filter((each) => each.choice !== null)
  return lettersOf(question.options).map(([letter, text]) => {
    const count = given.filter((each) => each.choice === letter).length
    const percent = given.length ? Math.round((count / given.length) * 100) : 0
    return { letter, text, right: reveal.choices.includes(letter), count, percent }
  })
}

/**
 * The options in the order of their letters.
 * @param {{ readonly [letter: string]: string }} options
 */
export function lettersOf(options) {
  return Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * Equal texts together: those with points first, then the most frequent.
 * @param {Reveal} reveal
 * @param {Players} players
 * @returns {TextGroup[]}
 */
export function textGroups(reveal, players) {
  /** @type {Map<string, [string, GivenAnswer][]>} */
  const groups = new Map()
  for (const entry of Object.entries(reveal.answers)) {
    const key = folded(entry[1].text ?? '')
    if (key) groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return [...groups.values()]
    .map((entries) => textGroup(entries, players))
    .sort((a, b) => Number(b.right) - Number(a.right) || b.count - a.count || order(a.text, b.text))
}

/**
 * How many confirmed without an answer.
 * @param {Reveal} reveal
 */
export function passCount(reveal) {
  return Object.values(reveal.answers).filter((each) => !isGiven(each)).length
}

/**
 * What the recap says to one player.
 * @param {Reveal} reveal
 * @param {string | undefined} member
 * @returns {{ verdict: 'right' | 'partly' | 'notRight' | 'passed' | 'noAnswer', points: number,
 *   answer: GivenAnswer | undefined }}
 */
export function resultOf(reveal, member) {
  const answer = member === undefined ? undefined : reveal.answers[member]
  return { verdict: verdictOf(reveal, answer), points: answer?.points ?? 0, answer }
}

/**
 * Case, marks, punctuation and spaces aside, as the room compares.
 * @param {string} text
 */
export function folded(text) {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain.replace(/[\p{P}\p{S}\s]+/gu, ' ').trim()
  return words || plain.trim()
}

/**
 * @param {Reveal} reveal
 * @param {GivenAnswer | undefined} answer
 */
function verdictOf(reveal, answer) {
  if (!answer) return 'noAnswer'
  if (!isGiven(answer)) return 'passed'
  if (answer.choice !== null && reveal.choices.includes(answer.choice)) return 'right'
  if (answer.points > 0) return answer.text === null ? 'partly' : 'right'
  return 'notRight'
}

/** @param {GivenAnswer} answer */
function isGiven(answer) {
  return answer.choice !== null || Boolean(answer.text?.trim())
}

/**
 * @param {[string, GivenAnswer][]} entries
 * @param {Players} players
 * @returns {TextGroup}
 */
function textGroup(entries, players) {
  return {
    text: mostFrequent(entries.map(([, answer]) => (answer.text ?? '').trim())),
    right: entries.some(([, answer]) => answer.points > 0),
    count: entries.length,
    names: entries.flatMap(([id]) => players[id]?.name ?? []).sort(order),
  }
}

/** @param {string[]} texts */
function mostFrequent(texts) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || order(a[0], b[0]))[0]?.[0] ?? ''
}

/**
 * @param {string} a
 * @param {string} b
 */
function order(a, b) {
  return a.localeCompare(b, 'en')
}
