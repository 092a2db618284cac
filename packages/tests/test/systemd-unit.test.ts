import { spawnSync } from 'node:child_process'
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const checkout = join(import.meta.dirname, '../../..')
const documentedCheckout = '/srv/holdfast'
const [, version = '0'] =
  /^systemd (\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? []
/** From 250 on a unit can be judged that is not installed. */
const hasSystemd = Number(version) >= 250

async function readUnit(): Promise<string> {
  const docs = await readFile(join(checkout, 'docs/operations.md'), 'utf8')
  const [, unit = ''] = /```ini\n(\[Unit\]\n[^`]*)```/.exec(docs) ?? []
  return unit
}

test('the unit for systemd in the docs starts what stands in a checkout', async () => {
  const [, node = '', program = ''] = /^ExecStart=(\S+) (\S+)$/m.exec(await readUnit()) ?? []

  await access(node.replace(documentedCheckout, checkout), constants.X_OK)
  await access(program.replace(documentedCheckout, checkout), constants.R_OK)
})

test.runIf(hasSystemd)('systemd finds no fault with the unit in the docs, and it is hardened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-unit-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'holdfast.service')
  await writeFile(file, (await readUnit()).replaceAll(documentedCheckout, checkout))
  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' })
    // Of other units of the machine it may say something too.
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('holdfast.service'))
    return { status, said }
  }

  expect(analyze('verify')).toEqual({ status: 0, said: [] })
  // Exposure from 0 to 10, here in tenths; a unit without hardening has 9.6.
  expect(analyze('security', '--offline=true', '--threshold=25')).toMatchObject({ status: 0 })
})
