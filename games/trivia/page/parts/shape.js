// @ts-check
/** The shape of each letter's tile: with the colour and the letter, the third way to tell it. */

import { html } from '@machine-party/page'
import { tileOf } from '../logic/tile.js'

/** Paths in a box of 24. */
const PATHS = [
  'M12 3 22.4 21H1.6Z',
  'M12 1.5 22.5 12 12 22.5 1.5 12Z',
  'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Z',
  'M3 3h18v18H3Z',
  'm12 1.6 3.1 7 7.6.8-5.7 5.1 1.6 7.5L12 18.2 5.4 22l1.6-7.5-5.7-5.1 7.6-.8Z',
  'M6.6 2.6h10.8L22.8 12l-5.4 9.4H6.6L1.2 12Z',
  'M12 1.5c4.6 5.4 7.2 9.2 7.2 13a7.2 7.2 0 0 1-14.4 0c0-3.8 2.6-7.6 7.2-13Z',
  'M8.5 2h7v6.5H22v7h-6.5V22h-7v-6.5H2v-7h6.5Z',
]

/** @param {{ letter: string }} props */
export function Shape({ letter }) {
  return html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true">
    <path d=${PATHS[tileOf(letter) - 1]} />
  </svg>`
}
