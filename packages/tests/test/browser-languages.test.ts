import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { misdrawnDigits } from '../src/digit-boxes.ts'
import { createInstallation } from '../src/installation.ts'
import { keepPicture } from '../src/kept-pictures.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { wrongCode } from '../src/sign-in.ts'

const languages = [
  {
    locale: 'de-AT',
    lang: 'de',
    dir: 'ltr',
    send: 'Code per E-Mail senden',
    signedIn: 'Sie sind angemeldet',
  },
  { locale: 'ar-EG', lang: 'ar', dir: 'rtl', send: 'أرسل إليّ رمزًا', signedIn: 'تم تسجيل دخولك' },
]

test.each(languages)(
  'in a browser that prefers $locale the page is in $lang ($dir), narrow and dark too, and so is the mail',
  async ({ locale, lang, dir, send, signedIn }) => {
    const holdfast = await createInstallation()
    const server = await holdfast.start()
    const browser = await startBrowser()
    const context = await browser.newContext({ locale, viewport: { width: 320, height: 640 } })
    const page = await context.newPage()
    const faults: string[] = []
    const check = async (step: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const found = [...(await accessibilityFaults(page)), ...(await overflowingElements(page))]
        faults.push(...found.map((fault) => `${step}, ${colorScheme}: ${fault}`))
        await keepPicture(page, `page-${lang}-${step}-${colorScheme}`)
      }
    }

    await page.goto(server.origin)
    await page.locator('#email').fill(`${lang}@example.com`)
    const html = page.locator('html')
    expect([await html.getAttribute('lang'), await html.getAttribute('dir')]).toEqual([lang, dir])
    await check('address')
    await page.getByRole('button', { name: send }).click()
    const { code, message } = await holdfast.mailServer.nextMail(`${lang}@example.com`)
    expect(message.html).toContain(`<html lang="${lang}" dir="${dir}">`)
    await page.locator('#code').fill(wrongCode(code))
    await page.getByRole('alert').waitFor()
    await check('wrong-code')
    expect(await page.locator('#code').inputValue()).toHaveLength(6)
    expect(await misdrawnDigits(page)).toEqual([])
    await page.locator('#code').fill(code)
    await page.getByRole('heading', { name: signedIn }).waitFor()
    await check('signed-in')

    expect(faults).toEqual([])
  },
)
