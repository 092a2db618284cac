import { chooseKeySource, type KeySourceChoice, namesKeySource } from '@holdfast/key-sources'
import {
  ignoredNames,
  keyVariables,
  type MisspeltName,
  misspeltNames,
  readVariables,
  sessionVariables,
  storePathOf,
  storeVariables,
} from '@holdfast/settings'
import { z } from 'zod'
import { CommandError } from './command-error.ts'

export const nodeEnvironment = {
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'expected development, test or production')
    .default('development'),
}

const variables = z.object({
  ...nodeEnvironment,
  ...keyVariables,
  ...storeVariables,
  ...sessionVariables,
})

export interface Settings {
  isProduction: boolean
  keySource: KeySourceChoice
  /** One of the variables names the source; production takes no other. */
  isSourceNamed: boolean
  dataFolder: string
  storePath: string
  idleMs: number
  reloadMs: number
  serviceWaitMs: number
  /** What no server reads either. */
  misspelt: readonly MisspeltName[]
}

/**
 * The settings of the server whose keys these are: run the command with the variables that the server has.
 *
 * @throws {CommandError} with every fault, by the name of its variable
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const { values, faults } = readVariables(variables, environment)
  const misspelt = misspeltNames(environment)
  const chosen = chooseKeySource(values)
  if (!chosen.ok) throw faultOf([...faults, ...chosen.faults], misspelt)
  if (faults.length > 0) throw faultOf(faults, misspelt)
  return {
    isProduction: values.NODE_ENV === 'production',
    keySource: chosen.choice,
    isSourceNamed: namesKeySource(values),
    dataFolder: values.DATA_DIR,
    storePath: storePathOf(values),
    idleMs: values.SESSION_IDLE_SECONDS * 1000,
    reloadMs: values.KEY_RELOAD_SECONDS * 1000,
    serviceWaitMs: values.KEY_SERVICE_WAIT_SECONDS * 1000,
    misspelt,
  }
}

/** A variable that is misspelt may be the very reason why another one is at fault. */
function faultOf(faults: readonly string[], misspelt: readonly MisspeltName[]): CommandError {
  return CommandError.ofConfiguration([...faults, ...ignoredNames(misspelt)])
}
