/* What stands under the options of each command's --help. */

export const keys = `
A key ring holds the secret keys of an installation: one signs, several verify. Run these commands with
the variables that the server has (DATA_DIR, STORE_URL, SECRET_KEY_SOURCE ...), on any one machine.

  a rotation      holdfast keys rotate          once; each process follows by itself, nobody is signed out
                  holdfast keys list            who still needs the older key, and until when
                  holdfast keys retire <kid>    refuses as long as somebody does
  a leaked key    holdfast keys revoke <kid>    ends what it signed, and says how many
  before a start  holdfast keys check           what the next start would say

Exit codes: 0 done, 1 refused, 75 a key service or store did not answer, 78 something is wrong with the
configuration or the ring.`

export const list = `
Examples:
  holdfast keys list
  DATA_DIR=/var/lib/holdfast holdfast keys list
  holdfast keys list --json | jq '.keys[] | {kid, state, needed}'`

export const rotate = `
Examples:
  holdfast keys rotate            sign with a new key in a minute; nobody is signed out
  holdfast keys rotate --in 3600  in an hour`

export const retire = `
Examples:
  holdfast keys retire 6ez4uuyu          end it now, or hear who needs it and until when
  holdfast keys retire 6ez4uuyu --later  end it by itself, at that time`

export const revoke = `
Whoever signed in with the key has to sign in again. Where it is the key that signs, another takes over at once.

Examples:
  holdfast keys revoke 6ez4uuyu --dry-run  how many that would be
  holdfast keys revoke 6ez4uuyu`

export const check = `
Examples:
  holdfast keys check
  NODE_ENV=production holdfast keys check || exit   before a deploy: 0 it starts, 78 it refuses, 75 try again`

export const wrap = `
Examples:
  VAULT_ADDR=https://vault.example.com VAULT_TOKEN_FILE=/run/vault/token \\
    holdfast keys wrap --with vault:transit/holdfast
  AWS_REGION=eu-central-1 holdfast keys wrap --with aws-kms:alias/holdfast --out keys/ring.json`

export const imports = `
Examples:
  holdfast keys import                           the one line in secret_key.txt becomes a ring; nobody is signed out
  holdfast keys import /backup/secret_key.txt    take a lost key back, or the key of an older app`
