// @ts-check
/** The options of a question: to choose from, to read, and with what was chosen. */

import { html } from '@machine-party/page'
import { optionSize } from '../logic/fit.js'
import { lettersOf } from '../logic/tally.js'
import { tileOf } from '../logic/tile.js'
import { t } from '../strings.js'
import { useFocusHeir } from './heading.js'
import { Icon } from './icon.js'
import { Shape } from './shape.js'

/** @typedef {{ readonly [letter: string]: string }} Options */
/** @typedef {import('../logic/answer.js').AnswerState} AnswerState */

const STEPS = /** @type {{ readonly [key: string]: number }} */ ({
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
})

/**
 * Tiles to choose one of: a radio group, with the arrow keys of one.
 * @param {{ options: Options, answer: AnswerState, onChoose: (letter: string) => void }} props
 */
export function OptionChoice({ options, answer, onChoose }) {
  const group = useFocusHeir()
  const letters = lettersOf(options)
  const current = answer.sending ?? answer.choice
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = STEPS[event.key]
    const focused = document.activeElement?.getAttribute('data-letter')
    const at = letters.findIndex(([letter]) => letter === focused)
    const next = letters[(at + (step ?? 0) + letters.length) % letters.length]
    if (step === undefined || at < 0 || !next) return
    event.preventDefault()
    const tile = group.current?.querySelector(`[data-letter="${next[0]}"]`)
    if (tile instanceof HTMLElement) tile.focus()
    if (answer.taken) onChoose(next[0])
  }
  return html`<div ref=${group} class="options" role="radiogroup" aria-label=${t('chooseOne')}
    data-count=${letters.length} data-size=${optionSize(Object.values(options))}
    data-locked=${answer.locked} onKeyDown=${onKeyDown}>
    ${letters.map(
      ([letter, text], index) => html`<button
        key=${letter}
        type="button"
        role="radio"
        class="tile option"
        data-tile=${tileOf(letter)}
        data-letter=${letter}
        data-sending=${answer.sending === letter}
        aria-checked=${answer.choice === letter}
        aria-disabled=${!answer.taken}
        tabindex=${letter === current || (!current && index === 0) ? 0 : -1}
        onClick=${() => answer.taken && onChoose(letter)}
      >
        <${OptionFace} letter=${letter} text=${text} />
        <${ChoiceMark} letter=${letter} answer=${answer} />
      </button>`,
    )}
  </div>`
}

/** @param {{ letter: string, answer: AnswerState }} props */
function ChoiceMark({ letter, answer }) {
  if (answer.sending === letter)
    return html`<span class="option-mark"><${Icon} name="wait" /></span>`
  if (answer.choice !== letter) return null
  const icon = answer.locked ? 'lock' : 'check'
  return html`<span class="option-mark" data-final><${Icon} name=${icon} /></span>`
}

/**
 * Tiles to read: the big screen, the host, a spectator.
 * @param {{ options: Options }} props
 */
export function OptionList({ options }) {
  const letters = lettersOf(options)
  return html`<ul class="options" data-count=${letters.length} data-size=${optionSize(Object.values(options))}>
    ${letters.map(
      ([letter, text]) => html`<li key=${letter} class="tile option" data-tile=${tileOf(letter)}>
        <${OptionFace} letter=${letter} text=${text} />
      </li>`,
    )}
  </ul>`
}

/**
 * Tiles with what was chosen: the right ones lit.
 * @param {{ counts: readonly import('../logic/tally.js').OptionCount[], mine?: string | null }} props
 */
export function OptionResults({ counts, mine }) {
  return html`<ul class="options results" data-count=${counts.length} data-size=${optionSize(counts.map((each) => each.text))}>
    ${counts.map(
      (
        each,
      ) => html`<li key=${each.letter} class="tile option" data-tile=${tileOf(each.letter)} data-right=${each.right}>
        <div class="bar" style=${{ '--share': `${each.percent}%` }}></div>
        <${OptionFace} letter=${each.letter} text=${each.text} />
        <span class="verdicts">
          ${each.right && html`<span class="verdict"><${Icon} name="check" />${t('rightAnswer')}</span>`}
          ${mine === each.letter && html`<span class="verdict">${t('yourAnswer')}</span>`}
        </span>
        <span class="count number">
          <span aria-hidden="true">${each.count}</span>
          <span class="visually-hidden">${t('votesShare', { n: each.count, percent: each.percent })}</span>
        </span>
      </li>`,
    )}
  </ul>`
}

/** @param {{ letter: string, text: string }} props */
function OptionFace({ letter, text }) {
  return html`<span class="option-key"><${Shape} letter=${letter} /><b>${letter.toUpperCase()}</b></span>
    <span class="option-text" dir="auto">${text}</span>`
}
