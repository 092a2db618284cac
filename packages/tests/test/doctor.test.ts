import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type CommandResult, canMount, Visitor, withReadOnly } from '@holdfast/drill'
import { expect, onTestFinished, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, handedOver, signedInView, signIn } from '../src/sign-in.ts'

interface Finding {
  level: string
  about: string
  says: string
  remedy?: string
}

const findingsOf = ({ json }: CommandResult) => json.findings as Finding[]
const notWell = (result: CommandResult) => findingsOf(result).filter(({ level }) => level !== 'ok')

test('doctor: two servers run well, also while somebody holds the lock; one is killed; another finds it', async () => {
  const holdfast = await createInstallation()
  const [killed, kept] = [await holdfast.start(), await holdfast.start()]
  await handedOver(await signIn(holdfast, killed), killed, kept)
  const holder = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { timeout: 5_000 })
  onTestFinished(() => holder.close())
  holder.exec('BEGIN IMMEDIATE')

  const well = await holdfast.command('doctor', '--json')
  holder.exec('ROLLBACK')
  await killed.process.kill()
  const afterKill = await holdfast.command('doctor', '--json')
  await holdfast.start()
  const afterStart = await holdfast.command('doctor', '--json')

  expect(notWell(well)).toEqual([])
  expect(well.exitCode).toBe(0)
  expect(findingsOf(well).find(({ about }) => about === 'kill -9')?.says).toMatch(
    /^would lose nothing .*synchronous=FULL in \w{8}, \w{8}\)$/,
  )
  expect(notWell(afterKill)).toEqual([
    {
      level: 'fault',
      about: 'servers',
      says: expect.stringMatching(/^server \w{8}, started at .* was killed or went down with its machine/),
      remedy: expect.stringContaining('start a server'),
    },
  ])
  expect(afterKill.exitCode).toBe(2)
  expect(notWell(afterStart)).toMatchObject([{ level: 'warning', about: 'crashes' }])
  expect(afterStart.exitCode).toBe(1)
  await kept.process.stop()
})

test('doctor: mails that the mail server does not take are told, with what it said', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  await holdfast.mailServer.close()
  await new Visitor().at(server).send({ email: 'waiting@example.com' })
  await server.process.log(({ message }) => message === 'code delayed')

  const told = await holdfast.command('doctor', '--json')

  expect(notWell(told)).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      about: 'outbox',
      says: expect.stringMatching(/put off by the mail server: 1 \(.*ECONNREFUSED.*\)/),
    }),
  )
  expect(told.stdout).not.toContain('waiting@')
})

test.skipIf(!canMount)('doctor works where nothing can be written', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  await signIn(holdfast, server)
  await server.process.stop()

  const told = await holdfast.commandWith({ under: withReadOnly(holdfast.dataFolder) }, 'doctor', '--json')

  expect(notWell(told)).toEqual([])
  expect(told.exitCode).toBe(0)
})

test('A36: a restored backup is noticed, and what it brought back ends with sessions end --before', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start()
  const { visitor } = await signIn(holdfast, before)
  const stolenCookie = await visitor.twin()
  const store = join(holdfast.dataFolder, 'holdfast.db')
  const backup = join(holdfast.folder, 'backup.db')
  const database = new DatabaseSync(store)
  database.exec(`VACUUM INTO '${backup}'`)
  database.close()
  await visitor.at(before).logout()
  await before.process.stop()
  for (const end of ['-wal', '-shm']) await rm(store + end, { force: true })
  await copyFile(backup, store)

  const after = await holdfast.start()

  const noticed = await after.process.log(({ message }) => message.startsWith('the store is a copy'))
  signedInView(await stolenCookie.at(after).session())
  const restoredAt = /--before (\S+)$/.exec(String(noticed.remedy))?.[1] ?? ''
  const anew = await askForCode(holdfast, after)
  const { signIn: kept } = signedInView(await anew.visitor.at(after).verify({ code: anew.code }))

  const told = await holdfast.command('doctor', '--json')
  const ended = await holdfast.command('sessions', 'end', '--before', restoredAt, '--json')

  expect(notWell(told)).toContainEqual(expect.objectContaining({ level: 'warning', about: 'copy' }))
  expect(ended.json).toEqual({ ok: true, ended: 1 })
  expect(await stolenCookie.at(after).check()).toMatchObject({
    ok: false,
    problem: { reason: 'ended_by_operator' },
  })
  expect(signedInView(await anew.visitor.at(after).session()).signIn.id).toBe(kept.id)
})
