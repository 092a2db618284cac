/** What stands under the options of `holdfast why --help`. */
export const whyHelp = `
The reference is in every answer about a code, and on the page. It is read in any case, with or without HF
and dashes, and with O for 0 and I or L for 1. Times are UTC. Nothing secret is shown, and no full address.
The store is only read: this works while servers run, and while they cannot write.

--json prints { ok, reference, type, email, signIn, state, reason, since, sentence, events }: state is
waiting, signed_in or over; reason is of the list in docs/api.md; events are
{ at, event, reason, kid, detail, text }, oldest first.

--email lists the verifications of an address and the sign-ins they led to, for as long as their records are
kept: a verification for a week after its end, a sign-in for a day. The ledger, which tells a reference for
400 days, holds no address. Its --json prints { ok, count, email, stories }, each story { beganAt, reference,
type, signIn, state, reason, since, sentence }, newest first.

Exit codes: 0 told, 1 not known, 75 the store did not answer, 78 something is wrong with the configuration.

Examples:
  holdfast why HF-7K3M-9QXP
  holdfast why hf 7k3m 9qxp
  holdfast why -- NlVvXqyh0nSKyuzSiXr9vg       a sign-in, as GET /auth/sessions shows it
  holdfast why --email ada@example.com         what there is of an address
  holdfast why HF-7K3M-9QXP --json | jq -r .sentence`
