// @ts-check
/** A question: to be read first, then to be answered, then closed. Nothing is revealed here. */

import { html } from '@machine-party/page'
import { answerState } from '../logic/answer.js'
import { promptSize } from '../logic/fit.js'
import { sceneOf } from '../logic/scene.js'
import { Heading } from '../parts/heading.js'
import { Icon } from '../parts/icon.js'
import { useAnnouncement } from '../parts/notices.js'
import { OptionChoice, OptionList } from '../parts/options.js'
import { TextAnswer } from '../parts/text-answer.js'
import { t } from '../strings.js'

/** @typedef {import('../model/room.js').Room} Room */
/** @typedef {import('../types.js').QuestionCard} QuestionCard */

/** @param {{ room: Room }} props */
export function Question({ room }) {
  const question = room.snapshot.value.context.question
  if (!question) return null
  return html`<div class="question" data-kind=${question.kind}>
    <${Heading} class="prompt" dir="auto" size=${promptSize(question.prompt)}>${question.prompt}<//>
    <${Below} room=${room} question=${question} />
  </div>`
}

/** @param {{ room: Room, question: QuestionCard }} props */
function Below({ room, question }) {
  const scene = sceneOf(room.snapshot.value)
  useAnnouncement(room, scene ? spoken(scene, question) : '')
  if (scene === 'preparation') {
    const soon = t(question.kind === 'text' ? 'textSoon' : 'optionsSoon')
    return html`<p class="soon"><b>${t('getReady')}</b> <span class="muted">${soon}</span></p>`
  }
  if (scene === 'closed') return html`<${Closed} room=${room} question=${question} />`
  return room.snapshot.value.context.plays
    ? html`<${Answering} room=${room} question=${question} />`
    : html`<${Watching} room=${room} question=${question} />`
}

/**
 * What is told to screen readers; that a question has opened, its timer tells.
 * @param {import('../logic/scene.js').Scene} scene
 * @param {QuestionCard} question
 */
function spoken(scene, question) {
  if (scene === 'preparation') return `${t('getReady')}: ${question.prompt}`
  return scene === 'closed' ? t('closedTitle') : ''
}

/** @param {{ room: Room, question: QuestionCard }} props */
function Answering({ room, question }) {
  const answer = stateOf(room, question)
  if (question.kind === 'text') {
    return html`<${TextAnswer} key=${question.id} answer=${answer}
      onType=${(/** @type {string} */ text) => room.answer.type(question.id, text)}
      onSettle=${() => void room.answer.settle(question.id)}
      onConfirm=${() => room.answer.confirm(question.id)} />`
  }
  return html`<${OptionChoice} options=${question.options} answer=${answer}
    onChoose=${(/** @type {string} */ letter) => letter !== (answer.sending ?? answer.choice) && room.answer.choose(question.id, letter)} />`
}

/** @param {{ room: Room, question: QuestionCard }} props */
function Watching({ room, question }) {
  if (question.kind === 'radio') return html`<${OptionList} options=${question.options} />`
  const words = t(room.kind === 'screen' ? 'textOnPhones' : 'onlyWatching')
  return html`<p class="soon text-soon">${words}</p>`
}

/** @param {{ room: Room, question: QuestionCard }} props */
function Closed({ room, question }) {
  const { plays, answer } = room.snapshot.value.context
  const given = answer?.question === question.id ? answer : undefined
  const said = given?.text ?? question.options[given?.choice ?? '']
  return html`<div class="closed">
    <p class="closed-word"><${Icon} name="lock" />${t('closedTitle')}</p>
    <p class="muted">${t('closedBody')}</p>
    ${plays && html`<p dir="auto">${said ? t('closedMine', { answer: said }) : t('closedNone')}</p>`}
  </div>`
}

/**
 * How this player's answer to the question stands.
 * @param {Room} room
 * @param {QuestionCard} question
 */
export function stateOf(room, question) {
  return answerState({
    question: question.id,
    draft: room.snapshot.value.context.answer,
    outgoing: room.answer.outgoing.value,
    typed: room.answer.typed.value,
    refused: room.answer.refused.value,
    confirming: room.answer.confirming.value,
    paused: room.snapshot.value.context.paused,
    online: room.connection.value === 'connected' && !room.answer.late.value,
  })
}
