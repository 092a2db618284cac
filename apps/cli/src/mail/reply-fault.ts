import type { Diagnosis, FailedSession } from './diagnosis.ts'

const greylisted =
  'try again in some minutes; a server of Holdfast does so by itself, as long as the code is good'

/** A reply that says no; `undefined` where there was none. 4xx may pass, 5xx stays. (RFC 5321 section 4.2.1) */
export function replyFault(session: FailedSession): Diagnosis | undefined {
  const { error, from, to, host } = session
  const { command = '', responseCode: replyCode } = error
  if (replyCode === 538 || (replyCode === 530 && /STARTTLS/i.test(error.response ?? '')))
    return needsTls(host)
  if (error.code === 'EAUTH') return loginFault(session)
  if (replyCode === undefined || replyCode < 400) return undefined
  const isFinal = replyCode >= 500
  if (command.startsWith('STARTTLS')) return noTls(host)
  if (command.startsWith('MAIL')) return senderFault(session, isFinal)
  if (command.startsWith('RCPT')) {
    return isFinal
      ? {
          code: 'recipient_refused',
          says: `the server does not take mail to ${to}`,
          remedy: `see that the address is right; where its reply speaks of relaying, it wants ${session.hasLogin ? 'another login' : 'user and password in SMTP_URL'}, or has to know this machine`,
        }
      : { code: 'recipient_put_off', says: `the server puts mail to ${to} off`, remedy: greylisted }
  }
  if (command.startsWith('DATA')) {
    return isFinal
      ? {
          code: 'message_refused',
          says: 'the server does not take the message itself',
          remedy: `its reply says why: often the domain of ${from} does not allow this mail server (SPF), or wants a signature (DKIM_DOMAIN and its companions)`,
        }
      : { code: 'message_put_off', says: 'the server puts the message off', remedy: greylisted }
  }
  return {
    code: 'session_refused',
    says: `the server takes nothing from this machine${isFinal ? '' : ' now'}`,
    remedy: 'its reply says why: often it has to know the address of this machine, or a block list has it',
  }
}

/** Only to this very machine, and where the URL says so, goes anything without TLS. */
function needsTls(host: string): Diagnosis {
  return {
    code: 'tls_wanted',
    says: `${host} wants TLS before it takes anything`,
    remedy:
      'add ?requireTLS=true to the end of SMTP_URL: to a name of this machine itself TLS is not used otherwise',
  }
}

function noTls(host: string): Diagnosis {
  return {
    code: 'no_starttls',
    says: `${host} does not offer TLS (STARTTLS), and without it no login and no code is sent`,
    remedy:
      'let it offer STARTTLS, or write smtps:// and its port 465; where the whole network between is yours, ?requireTLS=false at the end of SMTP_URL goes without',
  }
}

function loginFault({ error }: FailedSession): Diagnosis {
  const { command, message, responseCode: replyCode = 535 } = error
  if (command === 'API') {
    return {
      code: 'login_impossible',
      says: `there is no way to log in: ${message}`,
      remedy: 'SMTP_URL is to have both: smtp://user:password@host:587',
    }
  }
  if (replyCode < 500) {
    return {
      code: 'login_put_off',
      says: 'the server cannot check user and password now',
      remedy: 'try again in some minutes; see the log of the mail server',
    }
  }
  return {
    code: 'login_refused',
    says: 'the server does not take user and password of SMTP_URL',
    remedy:
      'correct them, and write what is special in a URL percent-encoded (@ as %40, : as %3A, / as %2F, % as %25); some providers want a password made for apps',
  }
}

function senderFault({ from, hasLogin, isLoginOffered }: FailedSession, isFinal: boolean): Diagnosis {
  if (!isFinal) {
    return { code: 'sender_put_off', says: `the server puts mail from ${from} off`, remedy: greylisted }
  }
  const says = `the server does not take mail from ${from}`
  if (!hasLogin) {
    return {
      code: 'sender_refused',
      says,
      remedy:
        'where it wants a login, SMTP_URL is to have user and password: smtp://user:password@host:587; else set MAIL_FROM to a sender that it takes',
    }
  }
  return {
    code: 'sender_refused',
    says,
    remedy: isLoginOffered
      ? 'set MAIL_FROM to a sender that this login may use'
      : 'it offered no login (AUTH), so that user and password were not used: see that SMTP_URL names the port for sending, usually 587 or 465; else set MAIL_FROM to a sender that it takes',
  }
}
