const askedAt = new Date('2026-11-25T10:42:00Z')

/** The one code of a sign-in, as it is given to be mailed. */
export const mailedCode = {
  to: 'ada@example.com',
  code: '042137',
  number: 1,
  total: 1,
  verificationId: 'abc',
  askedAt,
  expiresAt: new Date(askedAt.getTime() + 600_000),
}
