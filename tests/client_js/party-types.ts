// What the types of a party allow, and what they refuse. Nothing here runs: tsc reads it, and
// reports an error that is expected and does not come as well.

import { connect, createActorFacade, type Facade, type Snapshot } from '@machine-party/client'
import type { Trivia } from '../../games/trivia/page/party.js'
import type { Everything } from './everything.js'

const trivia: Facade<Trivia> = connect<Trivia>('/parties/trivia/abc234')

// --------------------------------------------------------------------------------- states

trivia.matches('lobby')
trivia.matches('question')
trivia.matches('question.open')
trivia.matches({ question: 'open' })
// @ts-expect-error there is no such state
trivia.matches('nope')
// @ts-expect-error there is no such state in the question
trivia.matches('question.nope')
// @ts-expect-error it is a state of the question
trivia.matches('open')
// @ts-expect-error there is no such state in the question
trivia.matches({ question: 'nope' })
// @ts-expect-error there is no such state
trivia.matches({ nope: 'open' })

trivia.hasTag('answering')
// @ts-expect-error there is no such tag
trivia.hasTag('nope')

if (typeof trivia.value === 'object')
  trivia.value.question satisfies 'preparation' | 'open' | 'closed'
// @ts-expect-error a compound state is never alone
trivia.value === 'question'

// -------------------------------------------------------------------------------- context

const points: number | undefined = trivia.context.players.m1?.points
const choice: string | null | undefined = trivia.context.answer?.choice
trivia.context.question?.kind satisfies 'radio' | 'text' | undefined
trivia.select((snapshot) => snapshot.context.reveal?.choices) satisfies
  | readonly string[]
  | undefined
// @ts-expect-error a member may have no card
trivia.context.players.m1.points
// @ts-expect-error there is no such field
trivia.context.nope
// @ts-expect-error what is shown is not to be changed
trivia.context.step = 2
// @ts-expect-error not even deep inside
trivia.context.reveal?.choices.push('A')

// --------------------------------------------------------------------------------- events

trivia.send({ type: 'answer', question: 'q1', choice: 'A' })
trivia.send({ type: 'answer', question: 'q1', text: null })
trivia.send({ type: 'ready' })
// @ts-expect-error which question is missing
trivia.send({ type: 'answer', choice: 'A' })
// @ts-expect-error there is no such event
trivia.send({ type: 'nope' })
// @ts-expect-error there is no such field
trivia.send({ type: 'start', now: true })
// @ts-expect-error the step is a number
trivia.send({ type: 'skip', step: '1' })
trivia.can('skip')
// @ts-expect-error there is no such event
trivia.can('nope')

// ------------------------------------------------------- children and emits, if there are none

// @ts-expect-error it has no children
trivia.sendTo('player', { type: 'ready' })
trivia.on('*', () => {})
// @ts-expect-error it emits nothing
trivia.on('boom', () => {})
createActorFacade<Trivia, number>({}, { send: () => 1 }).send({ type: 'start' }) satisfies number

// ------------------------------------------------------------------- a game with every kind

const all = connect<Everything>('/parties/everything/abc234')

// parallel regions: all keys, or some of them
all.matches('fight')
all.matches('fight.left')
all.matches('fight.left.up')
all.matches({ fight: 'left' })
all.matches({ fight: { left: 'up' } })
all.matches({ fight: { left: 'up', right: {} } })
all.matches('fight.deep.inner.one')
// @ts-expect-error there is no such state in the region
all.matches({ fight: { left: 'nope' } })
// @ts-expect-error the region has no states
all.matches('fight.right.nope')
all.hasTag('compound')

all.on('boom', (event) => event.loudness satisfies number)
// @ts-expect-error there is no such emit
all.on('bang', () => {})

all.children['player:m1']?.context.points satisfies number | undefined
all.children.boss?.matches('anything')
// @ts-expect-error no child has such an id
all.children.nope
all.sendTo('player:m1', { type: 'poke' })
// @ts-expect-error the children do not take this one
all.sendTo('player:m1', { type: 'hit', at: [1, 2] })
// @ts-expect-error the machine itself does not take this one
all.send({ type: 'poke' })
all.send({ type: 'hit', at: [1], pair: ['l'] })
// @ts-expect-error where is missing
all.send({ type: 'hit' })
all.context.pair satisfies readonly [string, string]
all.context.tree.children[0]?.children[0]?.label satisfies string | undefined

// ------------------------------------------------------------------------ nothing is known

const any = connect('/parties/any/abc234')
any.matches('whatever')
any.matches({ what: 'ever' })
any.hasTag('whatever')
any.send({ type: 'whatever', at: 1 })
any.on('whatever', (event) => event.type)
any.children.whatever?.context.anything

// what takes any façade takes one of a party
const loose: readonly Facade[] = [trivia, all]
const bare: readonly Snapshot[] = [trivia.snapshot, all.snapshot]
all.sendTo((snapshot) => snapshot.children.boss, { type: 'poke' })

export { bare, choice, loose, points }
