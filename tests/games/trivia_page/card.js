// @ts-check
/** Parts of documents for tests. */

/**
 * @param {string} name
 * @param {Partial<import('../../../games/trivia/page/party.js').PlayerCard>} [rest]
 * @returns {import('../../../games/trivia/page/party.js').PlayerCard}
 */
export function player(name, rest = {}) {
  return {
    name,
    presence: 'connected',
    ready: false,
    confirmed: false,
    points: 0,
    rank: null,
    place: null,
    ...rest,
  }
}

/**
 * @param {Partial<import('../../../games/trivia/page/party.js').QuestionCard>} [rest]
 * @returns {import('../../../games/trivia/page/party.js').QuestionCard}
 */
export function question(rest = {}) {
  return {
    id: 'q1',
    number: 1,
    total: 2,
    category: 'Sea',
    category_number: 1,
    categories: 1,
    kind: 'radio',
    prompt: 'Which?',
    points: 10,
    options: { b: 'two', a: 'one', c: 'three' },
    ...rest,
  }
}

/**
 * @param {{ readonly [id: string]: Partial<import('../../../games/trivia/page/party.js').GivenAnswer> }} answers
 * @param {Partial<import('../../../games/trivia/page/party.js').Reveal>} [rest]
 * @returns {import('../../../games/trivia/page/party.js').Reveal}
 */
export function reveal(answers, rest = {}) {
  const given = Object.entries(answers).map(([id, answer]) => [
    id,
    { choice: null, text: null, points: 0, ...answer },
  ])
  return { choices: ['a'], texts: [], explanation: '', answers: Object.fromEntries(given), ...rest }
}
