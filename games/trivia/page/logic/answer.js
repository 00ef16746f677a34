// @ts-check
/** How a player's answer to the open question stands: what the room holds, and what is on its way. */

/** @typedef {import('../types.js').Draft} Draft */

/**
 * An answer that was sent and has no receipt yet.
 * @typedef {object} Outgoing
 * @property {string} question
 * @property {string} [choice]
 * @property {string} [text]
 */

/**
 * @typedef {object} AnswerState
 * @property {string | null} choice  the letter that the room holds
 * @property {string | undefined} sending  the letter that is on its way
 * @property {string | null} text  of the field: as typed, else as the room holds it
 * @property {boolean} given  something is answered, or on its way
 * @property {boolean} locked  final, as the room says
 * @property {boolean} confirming  a confirmation is on its way
 * @property {boolean} taken  an answer would be taken now
 * @property {import('../strings.js').Key | undefined} note  what to say about it
 */

/**
 * @param {object} facts
 * @param {string} facts.question id of the open question
 * @param {Draft | null | undefined} facts.draft as the room holds it
 * @param {Outgoing | undefined} facts.outgoing
 * @param {Outgoing | undefined} facts.typed what stands in the field, and the room does not hold
 * @param {Outgoing | undefined} facts.refused the typed text that the room did not take
 * @param {string | undefined} facts.confirming the question whose confirmation is on its way
 * @param {boolean} facts.online
 * @param {boolean} facts.paused the quiz is
 * @returns {AnswerState}
 */
export function answerState(facts) {
  const { question, draft, confirming, paused } = facts
  const held = of(question, draft)
  const sent = of(question, facts.outgoing)
  const typed = held?.confirmed ? undefined : of(question, facts.typed)
  const state = {
    choice: held?.choice ?? null,
    sending: sent?.choice,
    text: typed?.text ?? held?.text ?? null,
    given: typed ? isGiven(typed) : isGiven(held) || isGiven(sent),
    locked: held?.confirmed ?? false,
    confirming: confirming === question,
    taken: !held?.confirmed && !paused,
  }
  return { ...state, note: noteOf(state, typed ?? sent, facts) }
}

/**
 * The key of `strings.js` for a refused event.
 * @param {string | undefined} code of the receipt
 * @returns {import('../strings.js').Key}
 */
export function refusalKey(code) {
  switch (code) {
    case 'too_late':
    case 'not_handled':
      return 'tooLate'
    case 'confirmed':
      return 'alreadyConfirmed'
    case 'paused':
      return 'pausedAnswer'
    case 'rate_limited':
      return 'busy'
    default:
      return 'refused'
  }
}

/**
 * `answer`, if it is one to `question`.
 * @template {{ question: string }} A
 * @param {string} question
 * @param {A | null | undefined} answer
 */
function of(question, answer) {
  return answer?.question === question ? answer : undefined
}

/** @param {{ choice?: string | null, text?: string | null } | undefined} answer */
function isGiven(answer) {
  return Boolean(answer?.choice) || Boolean(answer?.text?.trim())
}

/**
 * @param {{ given: boolean, locked: boolean, confirming: boolean, taken: boolean }} state
 * @param {Outgoing | undefined} unheld what the room does not hold yet
 * @param {{ refused: Outgoing | undefined, online: boolean }} facts
 * @returns {AnswerState['note']}
 */
function noteOf(state, unheld, { refused, online }) {
  if (state.locked) return undefined
  if (!state.taken) return 'pausedAnswer'
  if (state.confirming) return online ? 'confirming' : 'confirmOffline'
  if (unheld && unheld === refused) return 'notReceived'
  if (unheld) return online ? 'sending' : 'willBeSent'
  return state.given ? 'saved' : undefined
}
