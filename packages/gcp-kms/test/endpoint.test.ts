import { expect, test } from 'vitest'
import { parseEndpoint } from '../src/endpoint.ts'
import { createKeyWrapper } from '../src/index.ts'

test.each([
  { text: 'kms.internal', expected: { protocol: 'https', apiEndpoint: 'kms.internal', port: 443 } },
  { text: 'kms.internal:8443', expected: { protocol: 'https', apiEndpoint: 'kms.internal', port: 8443 } },
  { text: 'https://kms.internal/', expected: { protocol: 'https', apiEndpoint: 'kms.internal', port: 443 } },
  { text: 'https://10.0.0.5:444', expected: { protocol: 'https', apiEndpoint: '10.0.0.5', port: 444 } },
  { text: 'http://127.0.0.1:8080', expected: { protocol: 'http', apiEndpoint: '127.0.0.1', port: 8080 } },
  { text: 'http://[::1]', expected: { protocol: 'http', apiEndpoint: '[::1]', port: 80 } },
])('parseEndpoint reads $text', ({ text, expected }) => {
  expect(parseEndpoint(text)).toEqual(expected)
})

test.each([
  'http://kms.internal',
  'http://127.0.0.1.kms.internal',
  'http://localhost:8080',
  'ftp://kms.internal',
  'https://kms.internal/v1',
  'https://user:password@kms.internal',
  'kms.internal?x',
  'kms internal',
  'kms.internal:port',
])('createKeyWrapper calls the endpoint %s misconfigured', (text) => {
  expect(() => createKeyWrapper({ GCP_KMS_ENDPOINT: text })).toThrow(
    expect.objectContaining({ fault: 'misconfigured', message: expect.stringContaining('GCP_KMS_ENDPOINT') }),
  )
})

test('createKeyWrapper does not start while the SDK would print data keys', () => {
  expect(() => createKeyWrapper({ GOOGLE_SDK_NODE_LOGGING: 'all' })).toThrow(
    expect.objectContaining({ fault: 'misconfigured' }),
  )
})
