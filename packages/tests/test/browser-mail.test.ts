import { rm } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { keepPicture, pictureFile } from '../src/kept-pictures.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { type Area, readPicture } from '../src/picture.ts'

const sizes = { phone: { width: 320, height: 640 }, desktop: { width: 1024, height: 768 } }
const schemes = ['light', 'dark'] as const

/** A browser with a page that is to show mails, and the mail of a code in a language. */
async function openMails(settings: Record<string, string> = {}) {
  const holdfast = await createInstallation(settings)
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await (await browser.newContext()).newPage()
  async function mailIn(language: string) {
    const email = `${language}@example.com`
    await fetch(`http://127.0.0.1:${server.port}/auth/otp/send`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
      body: JSON.stringify({ email }),
    })
    const { message, code } = await holdfast.mailServer.nextMail(email)
    return { html: message.html || '', code }
  }
  return { page, mailIn }
}

async function areaOf(element: Locator): Promise<Area> {
  const { x, y, width, height } = (await element.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }
}

/** Keeps a picture of a mail, and looks at it. */
async function lookAt(page: Page, name: string) {
  const file = pictureFile(name)
  await rm(file, { force: true })
  await keepPicture(page, name)
  const picture = await readPicture(file)
  const heading = await areaOf(page.locator('h1'))
  const { left, right } = picture.inkIn(heading)
  return {
    width: picture.width,
    height: picture.height,
    ground: picture.luminanceAt(1, 1),
    leftOfHeading: left - heading.x,
    rightOfHeading: heading.x + heading.width - right,
    codeContrast: picture.inkIn(await areaOf(page.locator('.code'))).contrast,
  }
}

test('the mail is legible in light and dark, on a phone and a desktop, in both directions', async () => {
  const { page, mailIn } = await openMails({
    APP_NAME: 'Donaudampfschifffahrtsgesellschaft',
    PUBLIC_ORIGIN: 'https://login.donaudampfschifffahrtsgesellschaft.example.com',
  })
  const faults: string[] = []

  for (const [language, direction] of [
    ['en', 'ltr'],
    ['de', 'ltr'],
    ['ja', 'ltr'],
    ['ar', 'rtl'],
  ] as const) {
    const { html, code } = await mailIn(language)
    await page.setContent(html)
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of schemes) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        const name = `mail-${language}-${size}-${colorScheme}`
        const found = [...(await accessibilityFaults(page)), ...(await overflowingElements(page))]
        faults.push(...found.map((fault) => `${name}: ${fault}`))
        const seen = await lookAt(page, name)
        expect(seen.width).toBe(viewport.width)
        expect(seen.height).toBeGreaterThanOrEqual(viewport.height)
        if (colorScheme === 'light') expect(seen.ground).toBeGreaterThan(0.8)
        else expect(seen.ground).toBeLessThan(0.1)
        expect(seen.codeContrast).toBeGreaterThan(7)
        expect(direction === 'rtl' ? seen.rightOfHeading : seen.leftOfHeading).toBeLessThan(5)
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
        expect(await page.locator('html').getAttribute('lang')).toBe(language)
        const shown = page.locator('.code')
        expect(await shown.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr')
        expect(await page.locator('h1').evaluate((element) => getComputedStyle(element).direction)).toBe(
          direction,
        )
        // What is copied is the code and nothing else.
        expect(await shown.textContent()).toBe(code)
      }
    }
  }

  expect(faults).toEqual([])
})

test('a screen reader is told what the mail is for, the code, its digits one by one, and what to beware of', async () => {
  const { page, mailIn } = await openMails({ PUBLIC_ORIGIN: 'https://login.example.com' })
  const { html, code } = await mailIn('en')
  await page.setContent(html)

  const tree = await page.locator('body').ariaSnapshot()

  const told = tree.replaceAll(code, '‹code›').replace([...code].join(' '), '‹digits›')
  expect(told.replace(/\d\d:\d\d/g, '‹time›')).toMatchInlineSnapshot(`
    "- main:
      - paragraph: Holdfast
      - heading "Your code to sign in to Holdfast" [level=1]
      - paragraph: "‹code›"
      - paragraph: "Digit by digit: ‹digits›"
      - paragraph: It works once and expires at ‹time› UTC (valid for 10 minutes).
      - paragraph: Asked for at ‹time› UTC.
      - paragraph: Enter it only at https://login.example.com. Nobody from Holdfast will ever ask you for it.
      - paragraph: If you did not ask for a code, you can ignore this email."
  `)
})
