import { expect, onTestFinished, test, vi } from 'vitest'
import { openOtherTabs } from '../src/other-tabs.ts'
import { eventually } from './eventually.ts'

/** A tab, with the events of its window. */
function openTab() {
  const window = new EventTarget()
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  const tabs = openOtherTabs()
  vi.unstubAllGlobals()
  const hide = () => void window.dispatchEvent(new Event('pagehide'))
  onTestFinished(hide)
  const heard = vi.fn()
  tabs.watch(heard)
  const showAgain = () => void window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  return { tabs, heard, hide, showAgain }
}

test('a change is heard in every other tab, and not in the one that made it', async () => {
  const [one, two, three] = [openTab(), openTab(), openTab()]
  one.tabs.tell()
  await eventually(() => expect([two, three].map(({ heard }) => heard.mock.calls.length)).toEqual([1, 1]))
  expect(one.heard).not.toHaveBeenCalled()
})

test('a page in the back-forward cache hears nothing and tells nothing, until it is shown again', async () => {
  const [one, two, witness] = [openTab(), openTab(), openTab()]
  two.hide()
  two.tabs.tell()
  one.tabs.tell()
  await eventually(() => expect(witness.heard).toHaveBeenCalledTimes(1))
  expect(two.heard).not.toHaveBeenCalled()

  two.showAgain()
  one.tabs.tell()
  await eventually(() => expect(two.heard).toHaveBeenCalledTimes(1))
})

test('several listeners of a tab hear a change, and one that has ended hears no more', async () => {
  const [one, two] = [openTab(), openTab()]
  const ending = new AbortController()
  const [ended, lasting] = [vi.fn(), vi.fn()]
  two.tabs.watch(ended, ending.signal)
  two.tabs.watch(lasting)
  one.tabs.tell()
  await eventually(() => expect(lasting).toHaveBeenCalledTimes(1))
  expect([two.heard, ended].map(({ mock }) => mock.calls.length)).toEqual([1, 1])

  ending.abort()
  one.tabs.tell()
  await eventually(() => expect(lasting).toHaveBeenCalledTimes(2))
  expect([two.heard, ended].map(({ mock }) => mock.calls.length)).toEqual([2, 1])
})
