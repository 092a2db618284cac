import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createSecretKey, kidOf, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, signedInView, signIn } from '../src/sign-in.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

test('the first start makes a key file that only its owner can read, and later starts leave it as it is', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const made = await readFile(holdfast.keyFile, 'utf8')
  expect((await stat(holdfast.keyFile)).mode & 0o777).toBe(0o600)

  await first.process.kill()
  const second = await holdfast.start()
  await second.process.stop()
  await holdfast.start()

  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(made)
  const files = await readdir(holdfast.dataFolder)
  expect(files.filter((name) => name.startsWith('secret_key'))).toEqual(['secret_key.txt'])
})

test('a secret_key.txt of one line, as older apps wrote it, is read and left as it is', async () => {
  const holdfast = await createInstallation()
  const line = `${createSecretKey()}\n`
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, line, { mode: 0o600 })

  const first = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, first)
  await first.process.kill()
  const second = await holdfast.start()

  expect(signedInView(await visitor.at(second).session())).toEqual(view)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(line)
})

test('an empty key file, as a crash of an older app left it, stops the start and is not signed with', async () => {
  const holdfast = await createInstallation()
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, '', { mode: 0o600 })

  const server = holdfast.launch()

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(/^holdfast cannot start: key ring: .*secret_key\.txt .*is empty\n$/)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe('')
})

test('SECRET_KEY from the environment signs in place of the key file, which stays as it is', async () => {
  const holdfast = await createInstallation()
  const filed = await holdfast.start()
  const before = await readFile(holdfast.keyFile, 'utf8')
  const filedPerson = await askForCode(holdfast, filed)
  await filed.process.stop()

  const SECRET_KEY = createSecretKey()
  const configured = await holdfast.start({ env: { SECRET_KEY } })
  const person = await askForCode(holdfast, configured)
  const elsewhere = await createInstallation({ SECRET_KEY })
  const other = await elsewhere.start()
  const otherPerson = await askForCode(elsewhere, other)

  const kid = kidOf(await person.visitor.token(configured))
  expect(kid).toBe(kidOf(await otherPerson.visitor.token(other)))
  expect(kid).not.toBe(kidOf(await filedPerson.visitor.token(filed)))
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
  expect(await readdir(elsewhere.dataFolder)).not.toContain('secret_key.txt')
})

test('a key that moves from the key file to SECRET_KEY signs nobody out', async () => {
  const holdfast = await createInstallation()
  const SECRET_KEY = createSecretKey()
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, SECRET_KEY, { mode: 0o600 })
  const filed = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, filed)
  await filed.process.stop()

  const configured = await holdfast.start({ env: { SECRET_KEY } })

  expect(signedInView(await visitor.at(configured).session())).toEqual(view)
})

test.each(['secret_key.txt', 'data/secret_key.txt', 'data/holdfast.db', 'apps/api/data/secret_key.txt'])(
  'git ignores %s in a checkout, so that no key is committed',
  (path) => {
    const ignored = execFileSync('git', ['check-ignore', path], { cwd: repository, encoding: 'utf8' })
    expect(ignored).toBe(`${path}\n`)
  },
)

test('a cookie of another installation is refused and its person starts anew', async () => {
  const holdfast = await createInstallation()
  const other = await createInstallation()
  const [server, otherServer] = await Promise.all([holdfast.start(), other.start()])
  const { visitor } = await signIn(other, otherServer)

  expect(await visitor.at(server).session()).toMatchObject({ view: { state: 'anonymous' } })
  expect(await visitor.reasonAt(server)).toBe('key_unknown')
  expect(await new Visitor().reasonAt(server)).toBe('cookie_missing')
})
