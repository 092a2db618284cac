import { expect, test } from 'vitest'
import { smtpOptionsFor } from '../src/smtp-options.ts'

test.each(['smtp://localhost:25', 'smtp://mail.example.com', 'smtps://mail.example.com'])(
  'R26: a mail over %s takes nothing from a file or a URL',
  (url) => {
    expect(smtpOptionsFor(url)).toMatchObject({ disableFileAccess: true, disableUrlAccess: true })
  },
)

test.each([
  ['smtp://localhost:25', { ignoreTLS: true }],
  ['smtp://127.0.0.2:25', { ignoreTLS: true }],
  ['smtp://user:secret@mail.example.com:587', { requireTLS: true }],
  ['smtp://localhost.example.com', { requireTLS: true }],
  ['smtp://0.0.0.0:25', { requireTLS: true }],
])('R26: what is sent to %s needs TLS unless that is this very machine', (url, tls) => {
  const { ignoreTLS, requireTLS } = { ignoreTLS: undefined, requireTLS: undefined, ...smtpOptionsFor(url) }

  expect({ ignoreTLS, requireTLS }).toEqual({ ignoreTLS: undefined, requireTLS: undefined, ...tls })
})
