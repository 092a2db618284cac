import type { Diagnosis, FailedSession } from './diagnosis.ts'

const unreachable = /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/
const notThere = /^(ENOTFOUND|ENODATA)$/

/** A line that did not come about, went silent or broke. */
export function connectionFault(session: FailedSession): Diagnosis {
  const { error, host, port, isSecure, step = 'the last reply' } = session
  const { code, originalCode = code ?? 'no reason given' } = error
  const place = `${host}, port ${port}`
  if (code === 'EDNS') return nameFault(host, originalCode)
  if (code === 'ETIMEDOUT' || originalCode === 'ETIMEDOUT') return silence(session)
  if (originalCode === 'ECONNREFUSED') {
    return {
      code: 'connection_refused',
      says: `nothing takes connections at ${place}`,
      remedy:
        'see that the mail server runs, and that SMTP_URL names its host and port: usually 587 with smtp://, 465 with smtps://',
    }
  }
  if (unreachable.test(originalCode)) {
    return {
      code: 'unreachable',
      says: `there is no way from this machine to ${place} (${originalCode})`,
      remedy: 'see to the network of this machine, and to a firewall between',
    }
  }
  if (/^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(originalCode) || code === 'ETLS') {
    return {
      code: 'tls_failed',
      says: `TLS did not come about with ${place} (${originalCode})`,
      remedy: isSecure
        ? 'a port that speaks SMTP first, as 587 and 25 do, is for smtp:// in SMTP_URL, not smtps://; else the server has to speak TLS 1.2 or newer'
        : 'the server has to speak TLS 1.2 or newer',
    }
  }
  if (code === 'EPROTOCOL') {
    return {
      code: 'not_smtp',
      says: `what answers at ${place} does not speak SMTP (${step})`,
      remedy: 'see that SMTP_URL names the host and port of a mail server',
    }
  }
  return {
    code: 'line_broken',
    says: `${place} broke the line (${step})`,
    remedy:
      step === 'after the dot'
        ? 'the message may have arrived nevertheless; its log says why'
        : isSecure
          ? 'its log says why; often it does not take connections from this machine'
          : 'its log says why; often it does not take connections from this machine, or wants TLS from the start: smtps:// in SMTP_URL',
  }
}

function nameFault(host: string, originalCode: string): Diagnosis {
  if (notThere.test(originalCode)) {
    return {
      code: 'no_such_host',
      says: `there is no host ${host}`,
      remedy: 'correct the name in SMTP_URL, or the DNS that this machine asks (/etc/resolv.conf)',
    }
  }
  return {
    code: 'dns_failed',
    says: `the name ${host} could not be looked up (${originalCode})`,
    remedy: 'see that this machine reaches the DNS that it asks (/etc/resolv.conf)',
  }
}

/** The deadline of a message passed. What that means depends on what was waited for. */
function silence({ step = 'the last reply', host, port, isSecure, deadlineMs }: FailedSession): Diagnosis {
  const within = `within ${deadlineMs / 1000} s, which is what a server of Holdfast gives a message too`
  if (step === 'DNS lookup') return nameFault(host, 'timeout')
  if (step.startsWith('connect')) {
    return {
      code: 'connection_timeout',
      says: `no connection to ${host}, port ${port}, ${within}`,
      remedy: isSecure
        ? 'a firewall may drop it; and a port that does not speak TLS from the start is for smtp:// in SMTP_URL, not smtps://'
        : 'a firewall may drop it, as many hosting companies do with port 25: use port 587, or ask whoever runs the network',
    }
  }
  if (step === 'greeting' && !isSecure) {
    return {
      code: 'greeting_timeout',
      says: `connected, but not greeted ${within}`,
      remedy:
        'a port that speaks TLS from the start, as 465 does, is for smtps:// in SMTP_URL; else the mail server is overloaded or lets this machine wait',
    }
  }
  return {
    code: 'reply_timeout',
    says: `the server did not answer (${step}) ${within}`,
    remedy: `see the log of the mail server: it hangs or is overloaded${step === 'after the dot' ? '; the message may have arrived nevertheless' : ''}`,
  }
}
