import { type Installation, openInstallation } from '@holdfast/drill'
import { onTestFinished } from 'vitest'

/** Makes an installation for the running test, and removes every trace of it when the test has finished. */
export async function createInstallation(settings: Record<string, string> = {}): Promise<Installation> {
  const installation = await openInstallation(settings)
  onTestFinished(() => installation.close())
  return installation
}
