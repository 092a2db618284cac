import type { Config } from '../config.ts'
import type { Policy } from './sign-in-context.ts'

/** The rules for codes and sign-ins, as the configuration sets them. */
export function policyOf(config: Config): Policy {
  return {
    codeLength: config.OTP_LENGTH,
    codeLifetimeMs: config.OTP_TTL_SECONDS * 1000,
    maxAttempts: config.OTP_MAX_ATTEMPTS,
    resendAfterMs: config.OTP_RESEND_SECONDS * 1000,
    maxSends: config.OTP_MAX_SENDS,
    idleMs: config.SESSION_IDLE_SECONDS * 1000,
    absoluteMs: config.SESSION_ABSOLUTE_SECONDS * 1000,
    sendLimits: {
      perIpPerHour: config.LIMIT_SENDS_PER_IP_PER_HOUR,
      perAddressPerHour: config.LIMIT_SENDS_PER_ADDRESS_PER_HOUR,
      perAddressPerDay: config.LIMIT_SENDS_PER_ADDRESS_PER_DAY,
      perHour: config.LIMIT_SENDS_PER_HOUR,
    },
    wrongPerAddressPerDay: config.LIMIT_WRONG_PER_ADDRESS_PER_DAY,
  }
}
