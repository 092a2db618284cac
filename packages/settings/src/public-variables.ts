import { z } from 'zod'

/** The variables that say how the service is known to people: of the server and of the command line tool alike. */
export const publicVariables = {
  PUBLIC_ORIGIN: z
    .string()
    .refine(
      isHttpOrigin,
      'expected an origin alone, without a slash at its end, such as https://login.example.com',
    )
    .optional()
    .describe('the only origin for links, cookies and origin checks; default `http://localhost:PORT`'),
  APP_NAME: z
    .string()
    .regex(/^[^\p{C}]{1,60}$/u, 'expected 1 to 60 printable characters')
    .default('Holdfast')
    .describe('shown in mails and on the page'),
}

export function isHttpOrigin(value: string): boolean {
  // The URL parser takes a star for a letter of a name; who writes one means all of them.
  return /^https?:\/\/[^/*]+$/.test(value) && URL.canParse(value) && new URL(value).origin === value
}
