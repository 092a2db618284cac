import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, signedInView } from '../src/sign-in.ts'

/** Lets the server's clock run ahead, as that of a machine that has not asked a time server yet. */
const anHourAhead = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent('const now = Date.now; Date.now = () => now() + 3600000')}`,
}

test('a code that was asked for on a clock that runs ahead signs in after the clock was set right', async () => {
  const holdfast = await createInstallation()
  const settled = await holdfast.start()
  await settled.process.stop()
  const ahead = await holdfast.start({ env: anHourAhead })
  const { visitor, code } = await askForCode(holdfast, ahead)
  await ahead.process.kill()

  const right = await holdfast.start()

  signedInView(await visitor.at(right).verify({ code }))
})

test('a server whose clock was set back after it made its key starts again', async () => {
  const holdfast = await createInstallation()
  const ahead = await holdfast.start({ env: anHourAhead })
  await ahead.process.stop()

  const right = holdfast.launch()
  const isReady = right.ready().then(
    () => true,
    () => false,
  )

  expect(await isReady, right.stderr).toBe(true)
})
