/** The README's example of types, as it is there; `npx tsc` checks it. */
import { connect, type Party } from '../../client_facade/js/index.js'

interface Counter extends Party {
  value: 'counting'
  tags: never
  context: { readonly count: number; readonly mine: number }
  events: { readonly type: 'increment'; readonly by?: number }
}

const room = connect<Counter>('/parties/counter/lobby')
room.send({ type: 'increment', by: 2 })
