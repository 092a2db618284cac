import { endSignIns, readLiveSignIns, type Store } from '@holdfast/store'
import { CommandError } from '../command-error.ts'
import type { Report } from '../report.ts'
import { type ChoiceOptions, chooseSignInsToEnd } from './choose-sign-ins.ts'

export interface EndOptions extends ChoiceOptions {
  dryRun?: boolean
}

/** Ends sign-ins in the name of the operator: at once, under running servers, and for good. */
export async function endSessions(
  store: Store,
  signInId: string | undefined,
  options: EndOptions,
  at: { nowMs: number; idleMs: number },
): Promise<Report> {
  const choice = chooseSignInsToEnd(options, signInId)
  if (options.dryRun === true) {
    const { count } = await readLiveSignIns(store, choice, { ...at, limit: 0 })
    return {
      data: { dryRun: true, ended: count },
      text: `This would end ${inWords(count)}. Nothing was changed.`,
    }
  }
  const ended = await endSignIns(store, choice, at)
  if (ended === 0 && signInId !== undefined) {
    throw CommandError.refused(
      `no sign-in ${JSON.stringify(signInId)} is live; what became of it: holdfast why -- ${signInId}`,
      { ended },
    )
  }
  return { data: { ended }, text: `Ended ${inWords(ended)}: whoever holds one has to sign in again.` }
}

function inWords(count: number): string {
  return count === 1 ? '1 sign-in' : `${count} sign-ins`
}
