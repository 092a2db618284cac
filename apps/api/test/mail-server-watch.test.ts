import { expect, test } from 'vitest'
import { MailServerWatch } from '../src/mail/mail-server-watch.ts'
import type { HandOver } from '../src/mail/mail-transport.ts'
import { recordLog } from './recorded-log.ts'

const sent: HandOver = { delivery: 'sent', reply: '250 OK' }
const refusedLogin: HandOver = { delivery: 'delayed', reply: '535 bad login', isServersFault: true }
const greylisted: HandOver = { delivery: 'delayed', reply: '451 later' }

function startWatch() {
  const log = recordLog({ level: 'debug', format: 'json' })
  return { watch: new MailServerWatch(log.logger), log }
}

test('a fault of the server makes it down, and is told once', () => {
  const { watch, log } = startWatch()
  watch.begin()(refusedLogin)
  watch.begin()(refusedLogin)

  expect(watch.isDown).toBe(true)
  expect(log.events('error')).toHaveLength(1)
})

test('a fault of a mail says nothing about the server', () => {
  const { watch } = startWatch()
  watch.begin()(greylisted)

  expect(watch.isDown).toBe(false)
})

test('a fault of the server is none while another mail got through beside it', () => {
  const { watch } = startWatch()
  const tellSlow = watch.begin()
  const tellQuick = watch.begin()
  tellQuick(sent)
  tellSlow(refusedLogin)
  expect(watch.isDown).toBe(false)

  watch.begin()(refusedLogin)
  expect(watch.isDown).toBe(true)
})

test('the first mail that gets through tells that the server is back, and no other', () => {
  const { watch } = startWatch()
  expect(watch.begin()(sent)).toEqual({ isBack: false })
  watch.begin()(refusedLogin)

  expect(watch.begin()(sent)).toEqual({ isBack: true })
  expect(watch.isDown).toBe(false)
  expect(watch.begin()(sent)).toEqual({ isBack: false })
})
