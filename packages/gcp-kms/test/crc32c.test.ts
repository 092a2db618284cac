import { expect, test } from 'vitest'
import { crc32c } from '../src/crc32c.ts'

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at)

test.each([
  // RFC 3720, appendix B.4, which writes the bytes of a checksum in the order they are sent.
  { name: '32 zeros', bytes: new Uint8Array(32), expected: 0x8a9136aa },
  { name: '32 ones', bytes: new Uint8Array(32).fill(0xff), expected: 0x62a8ab43 },
  { name: '32 ascending', bytes: ascending, expected: 0x46dd794e },
  { name: '32 descending', bytes: ascending.toReversed(), expected: 0x113fdb5c },
  // The check value of every catalogue of CRCs.
  { name: '"123456789"', bytes: Buffer.from('123456789'), expected: 0xe3069283 },
  { name: 'nothing', bytes: new Uint8Array(0), expected: 0 },
])('crc32c of $name is the published one', ({ bytes, expected }) => {
  expect(crc32c(bytes)).toBe(expected)
})
