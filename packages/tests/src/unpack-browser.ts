import sparticuz from '@sparticuz/chromium'

/**
 * Unpacks the Chromium that an npm package ships, before any test file runs: two that ran at once would find
 * each other's half of it.
 */
export async function setup(): Promise<void> {
  const isShipped = process.platform === 'linux' && process.arch === 'x64'
  if (isShipped && process.env.CHROMIUM_PATH === undefined) await sparticuz.executablePath()
}
