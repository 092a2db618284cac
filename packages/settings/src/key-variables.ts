import { z } from 'zod'
import { wholeNumber } from './whole-number.ts'

export const keyServices = ['aws-kms', 'azure-key-vault', 'gcp-kms', 'vault'] as const

/** A key management service by the name that it has in SECRET_KEY_SOURCE. */
export type KeyServiceName = (typeof keyServices)[number]

const sourcePattern = new RegExp(`^(env:|file:.+|(${keyServices.join('|')}):.*)$`)

/** The variables that say where the key ring is: of the server and of the command line tool alike. */
export const keyVariables = {
  DATA_DIR: z.string().default('./data').describe('key ring and SQLite file live here'),
  SECRET_KEY: z.string().optional().describe('the signing key: at least 32 bytes as hex, base64 or raw text'),
  SECRET_KEY_FILE: z.string().optional().describe('a file that holds what `SECRET_KEY` would'),
  SECRET_KEY_FALLBACKS: z
    .string()
    .optional()
    .describe('comma separated older keys: they verify and never sign'),
  SECRET_KEY_FALLBACKS_FILE: z
    .string()
    .optional()
    .describe('a file that holds what `SECRET_KEY_FALLBACKS` would, or one key a line'),
  SECRET_KEY_SOURCE: z
    .string()
    .regex(
      sourcePattern,
      `expected env:, file: and a path, or ${keyServices.join(':, ')}: with or without one`,
    )
    .optional()
    .describe(
      'where the key ring is: `env:`, `file:` and a file or folder, or `aws-kms:`, `azure-key-vault:`, `gcp-kms:`, `vault:` and a wrapped file; default `file:DATA_DIR/secret_key.txt`',
    ),
  KEY_RELOAD_SECONDS: wholeNumber(1, 3600)
    .prefault('30')
    .describe(
      'how often each process looks whether the key ring has changed; a new key signs after two such times',
    ),
  KEY_SERVICE_WAIT_SECONDS: wholeNumber(1, 600)
    .prefault('60')
    .describe('how long a key management service that does not answer is asked again'),
}

const schema = z.object(keyVariables)

export type KeyVariables = z.infer<typeof schema>
