import { expect, test } from 'vitest'
import { createWayBack } from '../src/way-back.ts'

const asked = 'https://app.example.com/?a=b&c'
const way = '/auth/return?return_to=https%3A%2F%2Fapp.example.com%2F%3Fa%3Db%26c'

/** A tab in which pages are opened one after the other. */
function openTab() {
  const visited: string[] = []
  const remembered = new Map<string, string>()
  const clock = { nowMs: 1_700_000_000_000 }
  const memory = {
    getItem: (key: string) => remembered.get(key) ?? null,
    setItem: (key: string, value: string) => void remembered.set(key, value),
  }
  return {
    visited,
    clock,
    openPage: (target: string, isForgetful = false) =>
      createWayBack({
        target,
        replace: (url) => visited.push(url),
        memory() {
          if (isForgetful) throw new Error('forbidden')
          return memory
        },
        clock: () => clock.nowMs,
      }),
  }
}

test('the page leads to the server, with the target as it was given', () => {
  const tab = openTab()
  const page = tab.openPage(asked)
  page.follow()
  expect([page.href, tab.visited]).toEqual([way, [way]])
})

test('without a target the page leads nowhere', () => {
  const tab = openTab()
  const page = tab.openPage('')
  page.follow()
  page.followOnArrival()
  expect(tab.visited).toEqual([])
})

test('who is signed in on arrival is led on once, and not again when sent straight back', () => {
  const tab = openTab()
  tab.openPage(asked).followOnArrival()
  tab.clock.nowMs += 9_999
  tab.openPage(asked).followOnArrival()
  expect(tab.visited).toEqual([way])
  tab.clock.nowMs += 1
  tab.openPage(asked).followOnArrival()
  expect(tab.visited).toEqual([way, way])
})

test('who is sent straight back is still led on by a sign-in or a click', () => {
  const tab = openTab()
  tab.openPage(asked).followOnArrival()
  tab.openPage(asked).follow()
  expect(tab.visited).toEqual([way, way])
})

test('a clock that was set back does not keep anybody from being led on', () => {
  const tab = openTab()
  tab.openPage(asked).followOnArrival()
  tab.clock.nowMs -= 3_600_000
  tab.openPage(asked).followOnArrival()
  expect(tab.visited.length).toBe(2)
})

test('where the browser forbids to remember, nobody is led on but by a sign-in or a click', () => {
  const tab = openTab()
  const page = tab.openPage(asked, true)
  page.followOnArrival()
  expect(tab.visited).toEqual([])
  page.follow()
  expect(tab.visited).toEqual([way])
})
