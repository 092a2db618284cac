import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecretKey, kidOf, production } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keySigns, rotate, rotateNow } from '../src/key-ring-events.ts'
import { askForCode, signedInView, signIn } from '../src/sign-in.ts'

/* Drills of docs/keys.md, continued: a ring that moves, and one that meets the wrong store. */

test('drill: the key moves from SECRET_KEY to a ring in a file and back, and nobody is signed out', async () => {
  const SECRET_KEY = createSecretKey()
  const holdfast = await createInstallation(production)
  const byVariable = await holdfast.start({ env: { SECRET_KEY } })
  const { visitor, view } = await signIn(holdfast, byVariable)
  await byVariable.process.stop()

  const env = { SECRET_KEY_SOURCE: 'file:ring.txt' }
  const line = join(holdfast.folder, 'line.txt')
  await writeFile(line, `${SECRET_KEY}\n`, { mode: 0o600 })
  expect(await holdfast.commandWith({ env }, 'keys', 'import', line)).toMatchObject({
    exitCode: 0,
    stderr: '',
  })
  const byFile = await holdfast.start({ env })
  expect(signedInView(await visitor.at(byFile).session())).toEqual(view)
  const rotated = await holdfast.commandWith({ env }, 'keys', 'rotate', '--in', '0', '--json')
  byFile.process.signal('SIGHUP')
  await keySigns(byFile, rotated.json.kid)
  const later = await signIn(holdfast, byFile)
  await byFile.process.stop()

  const ring = JSON.parse(await readFile(join(holdfast.folder, 'ring.txt'), 'utf8')) as {
    keys: { secret: string }[]
  }
  const [older, newer] = ring.keys.map(({ secret }) => secret)
  const back = await holdfast.start({
    env: { SECRET_KEY: newer ?? '', SECRET_KEY_FALLBACKS: older ?? '' },
  })
  expect(signedInView(await visitor.at(back).session())).toEqual(view)
  expect(signedInView(await later.visitor.at(back).session())).toEqual(later.view)
})

test('drill: `keys import` makes a ring of the one-line secret_key.txt of an older app, under a running server', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '300' })
  const secret = createSecretKey()
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, `${secret}\n`, { mode: 0o600 })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)

  const upgraded = await holdfast.command('keys', 'import', '--json')
  server.process.signal('SIGHUP')
  await server.process.log(({ message }) => message === 'key ring reloaded')

  expect(upgraded).toMatchObject({ exitCode: 0, json: { kids: [kidOf(await visitor.token(server))] } })
  expect(JSON.parse(await readFile(holdfast.keyFile, 'utf8'))).toMatchObject({
    holdfast: 'key-ring',
    epoch: 1,
  })
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
})

test('drill: the first rotation makes a ring of a one-line secret_key.txt by itself', async () => {
  const holdfast = await createInstallation()
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, createSecretKey(), { mode: 0o600 })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)
  const waiting = await askForCode(holdfast, server)

  const kid = await rotateNow(holdfast, server)

  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(kidOf(await visitor.token(server))).toBe(kid)
  signedInView(await waiting.visitor.at(server).verify({ code: waiting.code }))
})

test('drill: the store of another installation is told from a lost key', async () => {
  const other = await createInstallation()
  const elsewhere = await other.start()
  await signIn(other, elsewhere)
  await elsewhere.process.stop()
  const holdfast = await createInstallation({ ...production, SECRET_KEY_SOURCE: 'file:ring.txt' })
  const own = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, own)
  await own.process.stop()
  const env = { STORE_URL: `sqlite:${other.dataFolder}/holdfast.db` }
  const said = 'or STORE_URL names the store of another installation'

  const mistaken = holdfast.launch({ env })
  expect(await mistaken.exited).toBe(78)
  expect(mistaken.stderr).toContain(said)
  const checked = await holdfast.commandWith({ env }, 'keys', 'check')
  expect(checked.exitCode).toBe(78)
  expect(checked.stdout).toContain(said)

  const corrected = await holdfast.start()
  expect(signedInView(await visitor.at(corrected).session())).toEqual(view)
  const warned = await other.start()
  expect(warned.process.logs.filter(({ message }) => message.includes('is missing'))).toEqual([])
})

test('`keys rotate` where no ring was made yet says so in one line', async () => {
  const holdfast = await createInstallation()

  const refused = await holdfast.command('keys', 'rotate')

  expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
  expect(refused.stderr).toMatch(/^holdfast: \S+secret_key\.txt does not exist.*\n$/)
  await holdfast.start()
  expect((await rotate(holdfast)).epoch).toBe(2)
})
