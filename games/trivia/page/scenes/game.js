// @ts-check
/** The page of a room: the bars around, and the scene in the middle. */

import { html } from '@machine-party/page'
import { useEffect } from 'preact/hooks'
import { sceneKey, sceneOf } from '../logic/scene.js'
import { AnswerBar } from '../parts/answer-bar.js'
import { FullScreen, useWakeLock } from '../parts/device.js'
import { useFit } from '../parts/fit.js'
import { HostBar } from '../parts/host-bar.js'
import { JoinHint } from '../parts/join.js'
import { Announcer, ConnectionBar, Notices, PauseBar } from '../parts/notices.js'
import { Roster } from '../parts/roster.js'
import { Timer, WaitBar } from '../parts/timer.js'
import { t } from '../strings.js'
import { Countdown } from './countdown.js'
import { Lobby } from './lobby.js'
import { Question, stateOf } from './question.js'
import { Ranking } from './ranking.js'
import { Recap } from './recap.js'

/** @typedef {import('../model/room.js').Room} Room */

const SCENES = {
  lobby: Lobby,
  countdown: Countdown,
  preparation: Question,
  open: Question,
  closed: Question,
  recap: Recap,
  ranking: Ranking,
}

/** @param {{ room: Room }} props */
export function Game({ room }) {
  const snapshot = room.snapshot.value
  const scene = sceneOf(snapshot)
  const isStage = room.kind === 'screen' || room.kind === 'spectator'
  const main = useFit(isStage)
  useWakeLock()
  useEffect(() => {
    document.title = snapshot.context.title
  }, [snapshot.context.title])
  if (!scene) return null
  return html`<div class="game ${isStage ? 'projected' : 'hand'}" data-kind=${room.kind} data-scene=${scene}>
    <div class="bars">
      <${ConnectionBar} room=${room} />
      <${PauseBar} room=${room} />
      <${TopBar} room=${room} />
      <${Notices} room=${room} />
    </div>
    <main id="main" class="main" ref=${main}>
      <${Scene} key=${sceneKey(snapshot)}><${SCENES[scene]} room=${room} /><//>
    </main>
    ${
      room.kind === 'host' &&
      scene !== 'ranking' &&
      html`<aside class="side wide-only card" aria-label=${t('players')}>
      <h2 class="card-title">${t('playersCount', { n: Object.keys(snapshot.context.players).length })}</h2>
      <${Roster} room=${room} />
    </aside>`
    }
    ${isStage ? html`<${StageFoot} room=${room} />` : html`<${Dock} room=${room} />`}
    <${Announcer} room=${room} />
  </div>`
}

/**
 * One showing of a scene: it begins at its top.
 * @param {import('preact').RenderableProps<{}>} props
 */
function Scene({ children }) {
  useEffect(() => window.scrollTo(0, 0), [])
  return html`<div class="scene">${children}</div>`
}

/**
 * Where in the quiz we are, and the time.
 * @param {{ room: Room }} props
 */
function TopBar({ room }) {
  const { context } = room.snapshot.value
  const scene = sceneOf(room.snapshot.value)
  const question = context.question
  if (!question) return null
  return html`<header class="top">
    <div class="where">
      <p class="where-category"><bdi>${question.category}</bdi></p>
      <p class="where-number">
        ${t('questionOf', { n: question.number, total: question.total })} · ${t('worth', { n: question.points })}
      </p>
    </div>
    <${Progress} room=${room} />
    ${(scene === 'preparation' || scene === 'open') && html`<${Timer} key=${scene} room=${room} urgent=${scene === 'open'} announced=${scene === 'open'} />`}
    ${scene === 'recap' && html`<${WaitBar} room=${room} />`}
  </header>`
}

/** @param {{ room: Room }} props */
function Progress({ room }) {
  const progress = room.snapshot.value.context.progress
  if (!progress) return null
  return html`<p class="progress">
    <b class="number" aria-hidden="true">${progress.confirmed}/${progress.present}</b>
    <span aria-hidden="true">${t('progressWords')}</span>
    <span class="visually-hidden">${t('progress', { n: progress.confirmed, total: progress.present })}</span>
  </p>`
}

/**
 * What a thumb needs, at the bottom: the player's answer, the host's remote.
 * @param {{ room: Room }} props
 */
function Dock({ room }) {
  const { plays, question } = room.snapshot.value.context
  const scene = sceneOf(room.snapshot.value)
  const isAnswering = plays && question && scene === 'open'
  const isHost = room.kind === 'host' && scene !== 'ranking'
  if (!isAnswering && !isHost) return null
  return html`<div class="dock">
    ${
      isAnswering &&
      html`<${AnswerBar} key=${question.id} room=${room} question=${question.id}
        isText=${question.kind === 'text'} answer=${stateOf(room, question)} />`
    }
    ${isHost && html`<${HostBar} room=${room} />`}
  </div>`
}

/** @param {{ room: Room }} props */
function StageFoot({ room }) {
  const scene = sceneOf(room.snapshot.value)
  const isOpen = scene !== 'lobby' && scene !== 'ranking'
  return html`<footer class="stage-foot">
    ${isOpen && html`<${JoinHint} place=${room.place} />`}
    ${room.kind === 'screen' && html`<${FullScreen} />`}
    ${
      room.kind === 'spectator' &&
      scene !== 'ranking' &&
      html`<a class="button ghost" href="#">${t('joinInstead')}</a>`
    }
  </footer>`
}
