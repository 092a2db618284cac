import { expect, test } from 'vitest'
import { untilAborted } from '../src/until-aborted.ts'

const never = () => new Promise<never>(() => {})

test('untilAborted gives what the work gives, or throws what it throws, while nobody aborts', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(signal, async () => 'done')).toBe('done')
  const failing = untilAborted(signal, async () => {
    throw new TypeError('the work failed')
  })
  await expect(failing).rejects.toThrow(new TypeError('the work failed'))
})

test('untilAborted ends with an AbortError when the signal aborts, whatever its reason', async () => {
  const aborting = new AbortController()
  const ended = untilAborted(aborting.signal, never)
  aborting.abort(new Error('a reason of its own'))
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' })
})

test('untilAborted does not begin the work when the signal has aborted before', async () => {
  let begun = 0
  const work = async () => {
    begun += 1
  }
  await expect(untilAborted(AbortSignal.abort(), work)).rejects.toMatchObject({ name: 'AbortError' })
  expect(begun).toBe(0)
})
