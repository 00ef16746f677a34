// @ts-check
/** Which scene the room is in, and what the host's "next" means in it. */

/** @typedef {import('../types.js').TriviaSnapshot} TriviaSnapshot */
/** @typedef {'lobby' | 'countdown' | 'preparation' | 'open' | 'closed' | 'recap' | 'ranking'} Scene */

/** @type {readonly (readonly [string, Scene])[]} */
const SCENES = [
  ['lobby', 'lobby'],
  ['countdown', 'countdown'],
  ['question.preparation', 'preparation'],
  ['question.open', 'open'],
  ['question.closed', 'closed'],
  ['recap', 'recap'],
  ['ranking', 'ranking'],
]

/**
 * The scene of a snapshot, or undefined before the first one.
 * @param {TriviaSnapshot} snapshot
 * @returns {Scene | undefined}
 */
export function sceneOf(snapshot) {
  return SCENES.find(([state]) => snapshot.matches(/** @type {never} */ (state)))?.[1]
}

/**
 * Tells one showing of a scene from the next: another question is another scene.
 * @param {TriviaSnapshot} snapshot
 */
export function sceneKey(snapshot) {
  const scene = sceneOf(snapshot) ?? 'none'
  const question = snapshot.context.question?.id ?? ''
  return `${snapshot.matches('question') ? 'question' : scene} ${question}`
}

/**
 * What "next" does now: keys of `strings.js`, or undefined where there is no next.
 * @param {TriviaSnapshot} snapshot
 * @returns {{ action: import('../strings.js').Key, hint: import('../strings.js').Key } | undefined}
 */
export function nextStep(snapshot) {
  const step = stepOf(snapshot)
  return step && snapshot.context.paused ? { ...step, hint: 'nextPausedHint' } : step
}

/** @type {(snapshot: TriviaSnapshot) => ReturnType<typeof nextStep>} */
function stepOf(snapshot) {
  const question = snapshot.context.question
  switch (sceneOf(snapshot)) {
    case 'countdown':
      return { action: 'nextCountdown', hint: 'nextCountdownHint' }
    case 'preparation':
      return {
        action: question?.kind === 'text' ? 'nextPreparationText' : 'nextPreparation',
        hint: 'nextPreparationHint',
      }
    case 'open':
      return { action: 'nextOpen', hint: 'nextOpenHint' }
    case 'closed':
      return { action: 'nextClosed', hint: 'nextClosedHint' }
    case 'recap':
      return {
        action: question?.number === question?.total ? 'nextRecapLast' : 'nextRecap',
        hint: 'nextRecapHint',
      }
    default:
      return undefined
  }
}
