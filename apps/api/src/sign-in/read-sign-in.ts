import { db, prepared, type SignInRow, type Store } from '@holdfast/store'

export interface SignInWithAccount {
  signIn: SignInRow
  account: { id: string; email: string }
}

const signInById = prepared(({ signInId }: { signInId: string }) =>
  db
    .selectFrom('signIns')
    .innerJoin('accounts', 'accounts.id', 'signIns.accountId')
    .selectAll('signIns')
    .select('accounts.email')
    .where('signIns.id', '=', signInId),
)

/** A sign-in and whose it is, whether it has ended or not. */
export async function readSignIn(store: Store, signInId: string): Promise<SignInWithAccount | undefined> {
  const [row] = await store.read(signInById({ signInId }))
  if (row === undefined) return undefined
  const { email, ...signIn } = row
  return { signIn, account: { id: signIn.accountId, email } }
}
