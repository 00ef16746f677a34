// @ts-check
/**
 * Everything that this page says. No other file has words in it.
 *
 * `{name}` is replaced by a value. An entry with `one` and `other` is chosen by its value `n`.
 */

const en = {
  // who and where
  appName: 'Trivia',

  // making a room
  makeTitle: 'Make a quiz night',
  makeLead: 'Questions on the big screen, answers on everybody’s own phone. Nothing to install.',
  makeHow1: 'Make a room: you become its host.',
  makeHow2: 'Put the QR code on a screen and let people join.',
  makeHow3: 'Start, and let the quiz run, or press “Next” at your own pace.',
  makeOptions: 'How you want to play',
  hostPlays: 'I play too',
  hostPlaysHint: 'The host sees no more than the players do, so it is fair.',
  speedPoints: 'Speed counts',
  speedPointsHint: 'A right answer at the last moment is worth only half.',
  secondsPerQuestion: 'Seconds for each question',
  secondsHint: 'Leave it empty to take what the questions suggest.',
  secondsWrong: 'Please type a number from 5 to 600, or leave it empty.',
  make: 'Make the room',
  making: 'Making the room …',
  makeFailed: 'The room could not be made: {reason}.',
  makeOffline: 'The server could not be reached. Check the network and try again.',
  makeLater: {
    one: 'Please try again in {n} second.',
    other: 'Please try again in {n} seconds.',
  },

  // a name
  nameTitle: 'Join the quiz',
  nameLead: 'Room {room}',
  nameLabel: 'Your name',
  nameHint: 'This is how everybody sees you. Up to 24 characters.',
  nameEmpty: 'Please type a name.',
  nameLong: 'A name has at most 24 characters. Please shorten it.',
  nameOdd: 'Some characters of this name cannot be shown. Please leave them out.',
  join: 'Join',
  joining: 'Joining …',
  joinWatch: 'I only want to watch',
  joinInstead: 'Play along',

  // when it does not go on
  connectingTitle: 'One moment',
  connectingBody: 'Finding the room …',
  connectingSlow: 'This takes longer than usual. We keep trying.',
  paused: 'Paused: the clock stands still.',
  reconnecting: 'Connection lost. Your seat is safe; reconnecting …',
  tryNow: 'Try now',
  backAgain: 'Connected again.',
  endedTitle: 'The connection has ended',
  endedBody: 'Try again, or ask the host. {reason}',
  kickedTitle: 'You have been removed',
  kickedBody: 'The host has taken you out of the quiz. If that was a mistake, talk to them.',
  fullTitle: 'This room is full',
  fullBody: 'There is no free place any more. Ask the host, or watch on the big screen.',
  missingTitle: 'There is no such room',
  missingBody: 'Room “{room}” does not exist, or its game is over. Check the code with the host.',
  staleTitle: 'Your seat has expired',
  staleBody: 'This browser’s place in the room is no longer valid. Join again with your name.',
  elsewhereTitle: 'Open somewhere else',
  elsewhereBody: 'You have opened this quiz in another tab or on another device.',
  limitedTitle: 'Too many tries',
  limitedBody: 'Please wait a moment, and try again.',
  brokenTitle: 'The game has stopped',
  brokenBody: 'Something went wrong in this room. The host can make a new one.',
  tryAgain: 'Try again',
  joinAgain: 'Join again',
  newName: 'Join again with a new name',
  makeAnother: 'Make your own quiz',
  useHere: 'Use it here',

  // the lobby
  lobbyTitlePlayer: 'You’re in, {name}!',
  lobbyTitleHost: 'Your room is open',
  lobbyTitleScreen: 'Join in!',
  lobbyReadyHint: 'Tell the others when you are ready. The quiz starts when everybody is.',
  lobbyHostHint: 'The quiz starts when everybody is ready, or when you start it.',
  ready: 'I’m ready',
  readyDone: 'Ready! Waiting for the others',
  readyUndo: 'Tap again if you are not.',
  isReady: 'ready',
  isNotReady: 'not ready yet',
  readyCount: '{ready} of {n} ready',
  peopleHere: { one: '{n} player here', other: '{n} players here' },
  nobodyHere: 'Nobody is here yet. Scan the code and be the first!',
  nobodyHereHost: 'Nobody is here yet. Show people the QR code or send them the address.',
  you: 'you',
  away: 'away',
  gone: 'gone',
  andMore: { one: 'and {n} more', other: 'and {n} more' },
  scan: 'Scan to join',
  orOpen: 'or open',
  roomCode: 'Room code',
  address: 'Address',
  qrAlt: 'QR code of the address {address}',
  copy: 'Copy the address',
  copied: 'Copied',
  copyFailed: 'The address is selected: copy it with your keyboard or your finger.',
  openScreen: 'Open the big screen',
  invite: 'Invite people',
  joinHint: 'Join any time',

  // the host
  start: 'Start',
  startAnyway: 'Start now',
  startNobody: 'As soon as somebody is here, you can start.',
  startNotReady: {
    one: '{n} player is not ready yet. You can start anyway.',
    other: '{n} players are not ready yet. You can start anyway.',
  },
  startReady: 'Everybody is ready.',
  remote: 'Host controls',
  nextCountdown: 'Begin now',
  nextCountdownHint: 'The first question comes by itself after the countdown.',
  nextPreparation: 'Show the options',
  nextPreparationText: 'Take answers now',
  nextPreparationHint: 'Everybody is reading. It opens by itself.',
  nextOpen: 'Close the question',
  nextOpenHint: 'It closes by itself when all have confirmed or the time is up.',
  nextClosed: 'Go on',
  nextClosedHint: 'It goes on by itself in a moment.',
  nextRecap: 'Next',
  nextRecapLast: 'To the final ranking',
  nextRecapHint: 'It goes on by itself when the time is up.',
  nextPausedHint: 'Paused: nothing goes on by itself.',
  pause: 'Pause',
  resume: 'Continue',
  extend: '+10 s',
  extendWhat: 'for this question',
  newQuiz: 'Make a new quiz',
  players: 'Players',
  playersCount: 'Players ({n})',
  remove: 'Remove',
  removeName: 'Remove {name}',
  removeTitle: 'Remove {name}?',
  removeBody: 'They leave the room at once and cannot come back to their seat.',
  removeYes: 'Yes, remove',
  cancel: 'Cancel',
  close: 'Close',
  removed: '{name} has been removed.',
  hasConfirmed: 'locked in',
  isThinking: 'thinking',
  noPlayers: 'Nobody plays yet.',

  // countdown and questions
  countdownTitle: 'Here we go',
  countdownBody: 'Get comfortable. The first question is coming.',
  questionOf: 'Question {n} of {total}',
  worth: { one: '{n} point', other: '{n} points' },
  getReady: 'Get ready',
  optionsSoon: 'The options are coming …',
  textSoon: 'You will type the answer.',
  secondsLeft: { one: '{n} second left', other: '{n} seconds left' },
  timeIsUp: 'Time is up',
  timeUnknown: 'The time that is left is not known now.',
  moreTime: { one: '{n} more second.', other: '{n} more seconds.' },
  yourAnswer: 'Your answer',
  answerStands: 'How it stands',
  chooseOne: 'Choose one',
  sending: 'Sending …',
  nothingChosen: 'Choose an answer, or pass.',
  nothingTyped: 'Type an answer, or pass.',
  willBeSent: 'Will be sent when you are back online',
  saved: 'Received. You can still change it.',
  notReceived: 'Not received. Confirm sends it again.',
  confirm: 'Confirm',
  confirming: 'Confirming …',
  confirmOffline: 'Confirmed here; will be sent when you are back online',
  pass: 'Pass this one',
  locked: 'Locked in',
  lockedBody: 'Your answer is final. Waiting for the others.',
  lockedPass: 'You pass on this one. Waiting for the others.',
  textPlaceholder: 'Type your answer',
  textHint:
    'Capitals, accents and extra spaces do not matter. What is here when the time is up counts.',
  progress: '{n} of {total} locked in',
  progressWords: 'locked in',
  onlyWatching: 'The players are answering.',
  textOnPhones: 'Type your answer on your phone',
  closedTitle: 'Answers are in',
  closedBody: 'Take a breath …',
  closedMine: 'Your answer: {answer}',
  closedNone: 'You gave no answer this time.',

  // what the room refused
  tooLate: 'Too late: that question was over before your answer arrived.',
  pausedAnswer: 'Paused: answers are taken when it goes on.',
  alreadyConfirmed: 'Your answer is final already.',
  refused: 'That did not work: {reason}',
  busy: 'Too much at once. Wait a moment and try again.',

  // the recap
  rightAnswer: 'Right answer',
  right: 'Right!',
  partly: 'Partly right',
  notRight: 'Not this time',
  passed: 'You passed on this one',
  noAnswer: 'No answer from you',
  youSaid: 'You said: {answer}',
  pointsGained: { one: '+{n} point', other: '+{n} points' },
  zeroPoints: '0 points',
  points: { one: '{n} point', other: '{n} points' },
  votes: { one: '{n} answer', other: '{n} answers' },
  votesShare: { one: '{n} answer, {percent} %', other: '{n} answers, {percent} %' },
  answersGiven: 'All answers',
  nobodyAnswered: 'Nobody answered this one.',
  passes: { one: '{n} pass', other: '{n} passes' },
  moreAnswers: { one: 'and {n} more answer', other: 'and {n} more answers' },
  because: 'Good to know',
  standing: 'Standing',
  yourRank: 'Rank {rank} with {points}',
  noPointsYet: 'No points yet',

  // the ranking
  rankingTitle: 'Final ranking',
  rankingWinner: '{name} wins!',
  rankingTie: 'A shared first place!',
  rankingNobody: 'Nobody has played.',
  rank: 'Rank {rank}',
  ordinal: { one: '{n}st', two: '{n}nd', few: '{n}rd', other: '{n}th' },
  youWon: 'You won!',
  youWonShared: 'You share the first place!',
  yourPlace: 'You are {ordinal} of {n}',
  sharedWith: {
    one: 'You share this rank with {n} other player.',
    other: 'You share this rank with {n} other players.',
  },
  behind: '{points} behind {name}',
  thanks: 'Thank you for playing.',
  fullList: 'Everybody',
  podium: 'Podium',

  // the big screen
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  dismiss: 'Dismiss',
  listSeparator: ', ',
}

/** @typedef {keyof typeof en} Key */
/** @typedef {{ readonly [name: string]: string | number }} Values */

/** What can be said. */
export const KEYS = /** @type {readonly Key[]} */ (Object.keys(en))

const LANGUAGE = 'en'
const plural = new Intl.PluralRules(LANGUAGE)
const ordinalRule = new Intl.PluralRules(LANGUAGE, { type: 'ordinal' })
const numbers = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 2 })

/**
 * The words of `key`.
 * @param {Key} key
 * @param {Values} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return fill(form(en[key], values.n, plural), values)
}

/**
 * "1st", "22nd".
 * @param {number} n
 */
export function ordinal(n) {
  return fill(form(en.ordinal, n, ordinalRule), { n })
}

/**
 * A number without needless decimals.
 * @param {number} value
 */
export function number(value) {
  return numbers.format(value)
}

/**
 * @param {string | { readonly [form: string]: string }} entry
 * @param {string | number | undefined} n
 * @param {Intl.PluralRules} rule
 */
function form(entry, n, rule) {
  if (typeof entry === 'string') return entry
  return entry[rule.select(Number(n))] ?? entry.other ?? ''
}

/**
 * @param {string} text
 * @param {Values} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? number(value) : isolated(value)
  })
}

/** Characters that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

/**
 * A text that cannot turn the words around it (UAX #9: FSI … PDI).
 * @param {string} text
 */
function isolated(text) {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text
}
