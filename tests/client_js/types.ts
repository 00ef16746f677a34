/**
 * The package's types: uses that must compile, and uses that must not. `npx tsc` is the test.
 *
 * Nothing here runs.
 */
import type * as contract from '../../client_facade/js/index.js'
import {
  type AnyParty,
  type Closed,
  connect,
  createActorFacade,
  type Facade,
  type Party,
  type Snapshot,
} from '../../client_facade/js/index.js'
import * as built from '../../client_facade/js/src/public.js'

// The implementation fulfils the contract, and exports nothing else. (Next to index.d.ts, the type
// checker never looks into index.js: that one is only `export *`, which readme.test.js checks.)

export const fulfilled: typeof contract = built
export const nothingElse: Exclude<keyof typeof built, keyof typeof contract>[] = [] as never[]

// A party of which everything is known

interface Player extends Party {
  value: 'idle' | 'locked'
  tags: never
  context: { readonly score: number }
  events: { readonly type: 'buzz' }
}

interface Quiz extends Party {
  value: 'lobby' | { readonly question: 'open' | 'closed' }
  tags: 'waiting' | 'timed'
  context: { readonly count: number; readonly players: { readonly [id: string]: string } }
  events:
    | { readonly type: 'answer'; readonly question: string; readonly choice: number }
    | { readonly type: 'skip' }
  emits: { readonly type: 'right'; readonly points: number } | { readonly type: 'wrong' }
  children: { readonly host: Player; readonly [player: `player:${string}`]: Player }
  output: { readonly winner: string }
}

const quiz = connect<Quiz>('/parties/quiz/k7m2xw', { name: 'Ada', role: 'host', codec: 'json' })

quiz.matches('lobby')
quiz.matches('question')
quiz.matches('question.open')
quiz.matches({ question: 'closed' })
// @ts-expect-error no such state
quiz.matches('lobbby')
// @ts-expect-error no such state within it
quiz.matches('question.opened')
// @ts-expect-error no such state within it
quiz.matches({ question: 'lobby' })

quiz.hasTag('timed')
quiz.tags.has('waiting')
// @ts-expect-error no such tag
quiz.hasTag('late')

quiz.can('skip')
quiz.can({ type: 'skip' })
// @ts-expect-error no such event
quiz.can('quit')

quiz.context.count.toFixed()
// @ts-expect-error not in the context
quiz.context.secret
// @ts-expect-error a snapshot cannot be changed
quiz.context.count = 1
// @ts-expect-error the façade says what is shown
quiz.snapshot = quiz.getSnapshot()
export const winner: string | undefined = quiz.output?.winner

quiz.send({ type: 'answer', question: 'q1', choice: 2 }).then((receipt) => receipt.status)
// @ts-expect-error no such event
quiz.send({ type: 'quit' })
// @ts-expect-error a field is missing
quiz.send({ type: 'answer', question: 'q1' })
// @ts-expect-error a field of the wrong type
quiz.send({ type: 'answer', question: 'q1', choice: 'two' })
// @ts-expect-error a field that nobody knows
quiz.send({ type: 'skip', now: true })
// @ts-expect-error an event is an object
quiz.send('skip')

quiz.sendTo('host', { type: 'buzz' })
quiz.sendTo((snapshot) => snapshot.children['player:m1'], { type: 'buzz' })
// @ts-expect-error no such child
quiz.sendTo('guest', { type: 'buzz' })
// @ts-expect-error the child takes no such event
quiz.sendTo('host', { type: 'skip' })
export const score: number | undefined = quiz.children.host?.context.score
// @ts-expect-error a child may be hidden, or gone
quiz.children.host.context

quiz.on('right', (event) => event.points.toFixed())
quiz.on('*', (event) => event.type === 'right' && event.points)
// @ts-expect-error no such emit
quiz.on('maybe', () => {})
// @ts-expect-error this emit has no such field
quiz.on('wrong', (event) => event.points)

quiz.watch(
  (snapshot) => snapshot.context.count,
  (count, previous) => count - (previous ?? 0),
  { equals: (a, b) => a === b, immediate: true },
)
// @ts-expect-error it gives a number
quiz.select((snapshot) => snapshot.context.count).length
quiz.waitFor((snapshot) => snapshot.matches('question'), { timeout: 1000 }).then((s) => s.context)
quiz.subscribe((snapshot) => snapshot.context.count)
quiz.subscribe({ next: (snapshot) => snapshot.value, error() {}, complete() {} }).unsubscribe()
quiz.ready.then((same: Facade<Quiz>) => same.member)
export const why = (closed: Closed): number => closed.closeCode

// @ts-expect-error no such codec
connect('/parties/quiz/k7m2xw', { codec: 'xml' })
// @ts-expect-error seconds are no timeout of connect
connect('/parties/quiz/k7m2xw', { timeout: 1 })

// A party of which nothing is known

const any = connect('/parties/any/room')
any.matches('whatever.there.is')
any.hasTag('any')
any.send({ type: 'anything', with: ['any', 'fields'] })
any.sendTo('someone', { type: 'anything', at: 1 })
any.on('ring', (event) => event.type)
any.context.anything.at.all
export const anyone: Facade<AnyParty> = any
// @ts-expect-error an event has a type
any.send({ by: 1 })

// A façade over a document

const polled = createActorFacade<Quiz, Promise<Response>>(
  { value: 'lobby' },
  { id: 'ada', send: (event) => fetch('/send', { method: 'POST', body: JSON.stringify(event) }) },
)
polled.send({ type: 'skip' }).then((response) => response.ok)
polled.sendTo('host', { type: 'buzz' }).then((response) => response.ok)
export const same: Snapshot<Quiz> = polled.snapshot
export const id: string | undefined = polled._userId
// @ts-expect-error no such event
polled.send({ type: 'quit' })
// @ts-expect-error it has no connection
polled.dispose()
