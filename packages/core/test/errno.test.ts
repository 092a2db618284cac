import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { isErrno } from '../src/errno.ts'

test.each([
  { what: 'with the code', error: Object.assign(new Error(), { code: 'ENOENT' }), expected: true },
  { what: 'with another of the codes', error: Object.assign(new Error(), { code: 'EIO' }), expected: true },
  { what: 'with a third code', error: Object.assign(new Error(), { code: 'EPERM' }), expected: false },
  { what: 'without a code', error: new Error('ENOENT'), expected: false },
  { what: 'that is no Error', error: { code: 'ENOENT' }, expected: false },
  { what: 'that is nothing', error: undefined, expected: false },
])('isErrno says $expected of an error $what', ({ error, expected }) => {
  expect(isErrno(error, 'ENOENT', 'EIO')).toBe(expected)
})

// libuv knows no EDQUOT, the full quota of a user.
test('isErrno tells an error that Node has no name for by its number', () => {
  const errno = -constants.errno.EDQUOT
  const error = Object.assign(new Error(), { code: `Unknown system error ${errno}`, errno })
  expect(isErrno(error, 'ENOSPC', 'EDQUOT')).toBe(true)
  expect(isErrno(error, 'ENOSPC')).toBe(false)
})
