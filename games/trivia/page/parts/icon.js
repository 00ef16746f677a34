// @ts-check
/** Small signs that go with words, never instead of them. */

import { html } from '@machine-party/page'

const PATHS = {
  check: 'M4 12.5 9.5 18 20 6.5',
  half: 'M5 9.5c2.5-2.5 4.5-2.5 7 0s4.5 2.5 7 0M5 16c2.5-2.5 4.5-2.5 7 0s4.5 2.5 7 0',
  cross: 'M6 6l12 12M18 6 6 18',
  dash: 'M5 12h14',
  lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  next: 'M5 12h13M13 6l6 6-6 6',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5c2.200.9 3.5 2.800 3.5 5.5',
  screen: 'M3 4.5h18v11.5H3ZM12 16v4M8 20h8',
  copy: 'M9 9h11v11H9ZM5 15H4V4h11v1',
  invite: 'M4 4h6v6H4ZM14 4h6v6h-6ZM4 14h6v6H4ZM14 14h2.5v2.5M20 14v6h-6',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5v15L19 12Z',
  wait: 'M12 3a9 9 0 1 0 9 9M12 7v5l3 2',
  offline:
    'M3 3l18 18M5 12.5a10 10 0 0 1 4-2.400M2 9a15 15 0 0 1 4.5-2.700M11 5a15 15 0 0 1 11 4M14.5 10.5a10 10 0 0 1 4.5 2M8.5 16a5 5 0 0 1 7 0M12 19.5v.1',
  crown: 'M3 18h18L22 7l-5.5 4L12 4 7.5 11 2 7Z',
}

/** @param {{ name: keyof typeof PATHS }} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`
}
