import { join, resolve } from 'node:path'
import { z } from 'zod'

/** The variables that say where the store is: of the server and of the command line tool alike. */
export const storeVariables = {
  STORE_URL: z
    .string()
    .regex(/^sqlite:.+/, 'expected sqlite: and a path; this version has no other store')
    .optional()
    .describe('the store; default `sqlite:DATA_DIR/holdfast.db`'),
  SESSION_STORE_URL: z
    .string()
    .regex(
      /^sqlite:.+/,
      'expected what STORE_URL has, or nothing; this version has no other store for sessions',
    )
    .optional()
    .describe('where sessions are kept; this version keeps them in the store and takes nothing else'),
}

/** The path of the SQLite file. */
export function storePathOf(variables: { STORE_URL?: string | undefined; DATA_DIR: string }): string {
  return resolve(variables.STORE_URL?.slice('sqlite:'.length) ?? join(variables.DATA_DIR, 'holdfast.db'))
}
