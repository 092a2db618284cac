import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createInstallation, spawnTool } from './installation.ts'
import { hourMs, ringOfAges } from './rings.ts'

const commands = ['list', 'rotate', 'retire', 'revoke', 'check', 'wrap', 'import']

test.each([
  { args: '', says: 'Usage: holdfast [options] [command]' },
  { args: 'keys', says: 'a rotation      holdfast keys rotate' },
])('holdfast $args alone shows what there is', async ({ args, says }) => {
  const holdfast = await createInstallation()

  const { exitCode, stdout, stderr } = await holdfast.holdfast(args)

  expect(exitCode).toBe(1)
  expect(stderr).toContain(says)
  expect(stdout).toBe('')
  expect(await readdir(holdfast.folder)).toEqual([])
})

test.each(commands)('keys %s --help shows an example of it', async (command) => {
  const holdfast = await createInstallation()

  const { exitCode, stdout } = await holdfast.holdfast(`keys ${command} --help`)

  expect(exitCode).toBe(0)
  const [, examples = ''] = stdout.split('Examples:\n')
  expect(examples).toMatch(new RegExp(`^ .*holdfast keys ${command}\\b`, 'm'))
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120)
})

test('keys --help names every command, the order of a rotation and the exit codes', async () => {
  const holdfast = await createInstallation()

  const { exitCode, stdout } = await holdfast.holdfast('keys --help')

  expect(exitCode).toBe(0)
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  expect(stdout).toContain('Exit codes: 0 done, 1 refused, 75')
})

test.each([
  { args: 'key', says: "error: unknown command 'key'\n(Did you mean keys?)" },
  { args: 'keys rotat', says: "error: unknown command 'rotat'\n(Did you mean rotate?)" },
  { args: 'keys retire', says: "error: missing required argument 'kid'" },
  { args: 'keys revoke', says: "error: missing required argument 'kid'" },
  { args: 'keys wrap', says: "error: required option '--with <service:key>' not specified" },
  { args: 'keys list --jsn', says: "error: unknown option '--jsn'\n(Did you mean --json?)" },
  { args: 'keys list extra', says: 'error: too many arguments' },
])('holdfast $args says what is wrong and where help is', async ({ args, says }) => {
  const holdfast = await createInstallation()

  const { exitCode, stderr } = await holdfast.holdfast(args)

  expect(exitCode).toBe(1)
  expect(stderr).toContain(says)
  expect(stderr).toContain('(--help says what there is)')
})

test.each([
  { command: 'why', says: ['Exit codes: 0 told, 1 not known', '--json prints {'] },
  { command: 'doctor', says: ['Exit codes: 0 all is well, 1 at least one warning, 2', '--json prints {'] },
  { command: 'sessions list', says: ['--json prints {'] },
  { command: 'sessions end', says: ['--json prints {'] },
  { command: 'mail test', says: ['--json prints {', 'Exit codes: 0 accepted, 1 not accepted, 78'] },
  { command: 'mail', says: ['Exit codes: 0 accepted, 1 not accepted, 78'] },
  { command: 'sessions', says: ['Exit codes: 0 done, 1 refused, 75'] },
])(
  '$command --help tells its exit codes, its JSON and examples, in 110 columns',
  async ({ command, says }) => {
    const holdfast = await createInstallation()

    const { exitCode, stdout } = await holdfast.holdfast(`${command} --help`)

    expect(exitCode).toBe(0)
    for (const said of says) expect(stdout).toContain(said)
    expect(stdout).toMatch(new RegExp(`^ .*holdfast ${command}\\b`, 'm'))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
  },
)

test('holdfast --version', async () => {
  const holdfast = await createInstallation()

  expect(await holdfast.holdfast('--version')).toMatchObject({ exitCode: 0, stdout: '0.1.0\n' })
})

test.each([
  { what: 'standard output', close: ['stdout'] },
  { what: 'all output', close: ['stdout', 'stderr'] },
] as const)('a reader of $what that has gone, as head goes, is no fault', async ({ close }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  await holdfast.openStore()
  const child = spawnTool(['keys', 'list'], holdfast.folder)
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  for (const name of close) child[name].destroy()

  await once(child, 'close')

  expect(stderr).toBe('')
  expect(child.exitCode).toBe(0)
})
