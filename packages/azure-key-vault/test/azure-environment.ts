import { vi } from 'vitest'

const azureVariable = /^(?:AZURE|IDENTITY|MSI|IMDS)_|^(?:HTTPS?|ALL|NO)_PROXY$/i

/** Gives the SDK these variables, and none of those that the machine happens to have. */
export function stubAzureEnvironment(environment: Record<string, string>): void {
  for (const name of Object.keys(process.env)) if (azureVariable.test(name)) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}
