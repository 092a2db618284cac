import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { readMetric } from '../src/server-metrics.ts'
import { signedInView, signIn } from '../src/sign-in.ts'

const dayMs = 86_400_000

test('a server deletes what has been over for long, soon after its start, and nothing that is alive', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const old = await signIn(holdfast, first)
  const { visitor, view } = await signIn(holdfast, first)
  await first.process.stop()
  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'))
  const end = database.prepare('UPDATE signIns SET expiresAtMs = ? WHERE id = ?')
  end.run(Date.now() - 2 * dayMs, old.view.signIn.id)
  database.close()

  const second = await holdfast.start()
  while ((await readMetric(second, 'holdfast_purged_rows_total', 'table="signIns"')) === 0) await wait(50)

  expect(await readMetric(second, 'holdfast_purged_rows_total')).toBe(1)
  expect(signedInView(await visitor.at(second).session())).toEqual(view)
  expect(await old.visitor.at(second).session()).toMatchObject({ view: { state: 'anonymous' } })
  expect(await old.visitor.reasonAt(second)).toBe('session_unknown')
})
