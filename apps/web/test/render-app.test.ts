import { reasons } from '@holdfast/client'
import { languageTags } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'
import { expect, test } from 'vitest'
import { dataElement } from '../src/data-element.ts'
import { fillTemplate } from '../src/fill-template.ts'
import { loadPageWords } from '../src/page-words.ts'
import { reasonWords } from '../src/reason-words.ts'
import { renderApp } from '../src/render-app.ts'
import { codeSentView, sentAtMs, signedInView } from './code-sent-view.ts'

const wordsOf = new Map(
  await Promise.all(languageTags.map(async (tag) => [tag, await loadPageWords(tag)] as const)),
)

const settings = { appName: 'Acme', maxAttempts: 5, developerMailbox: '' }

function dataOf(differing: Partial<PageData> = {}): PageData {
  return {
    settings,
    language: 'en',
    renderedAtMs: sentAtMs + 1000,
    view: { state: 'anonymous' },
    rejected: null,
    problem: null,
    news: null,
    email: '',
    returnTo: '',
    hasJustSignedIn: false,
    unsent: null,
    ...differing,
  }
}

function render(differing: Partial<PageData> = {}) {
  const data = dataOf(differing)
  const words = wordsOf.get(data.language)
  if (words === undefined) throw new Error(`no words in ${data.language}`)
  return renderApp(data, words.messages)
}

const outage = {
  code: 'store_unavailable' as const,
  status: 503,
  title: '',
  detail: '',
  retryAfterInSeconds: 7,
}
const fault = { code: 'internal' as const, status: 500, title: '', detail: '', requestId: 'f3c1a1f0' }
const failedAgain = codeSentView({ delivery: 'failed', sends: 2 })
const codeSteps = ['verify', 'resend', 'cancel']
const pages: [title: string, differing: Partial<PageData>, heading: string, steps: string[]][] = [
  ['an address', {}, 'Sign in to Acme', ['send']],
  ['a code', { view: codeSentView() }, 'Check your email', codeSteps],
  [
    'a code that has expired',
    { view: codeSentView(), renderedAtMs: sentAtMs + 600_000 },
    'That code has expired',
    ['resend', 'cancel'],
  ],
  ['no tries', { view: codeSentView({ attemptsLeft: 0 }) }, 'No tries left', ['cancel']],
  ['a sign-in', { view: signedInView }, 'You are signed in', ['logout', 'logout_everywhere']],
  ['a mail that failed again', { view: failedAgain }, 'Your code could not be sent', codeSteps],
  ['a fault on arrival', { view: null, problem: fault }, 'That did not work', []],
  ['an outage', { view: null, problem: outage }, 'We are waiting for the service', []],
]

test.each(pages)(
  'the page for %s has the step, and all its ways on as forms',
  (_what, differing, heading, steps) => {
    const { head, body } = render(differing)
    expect(body).toMatch(new RegExp(`<h1[^>]*>${heading}</h1>`))
    expect(head).toMatch(/<title>[^<]+ · Acme<\/title>/)
    const named = [...body.matchAll(/name="step" value="(\w+)"/g)].map(([, step]) => step)
    expect(named).toEqual(steps)
    const forms = [...body.matchAll(/<form\b[^>]*>/g)].map(([form]) => form)
    expect(forms.length).toBeGreaterThan(0)
    if (steps.length > 0) {
      for (const form of forms) expect(form).toMatch(/method="post" action="\/sign-in"/)
    }
  },
)

test.each(pages)(
  'the page for %s has nothing in it that the policy for content refuses',
  (_what, differing) => {
    for (const language of languageTags) {
      const { head, body } = render({ ...differing, language })
      expect(`${head}${body}`).not.toMatch(/<(script|style)\b|\sstyle=|\son\w+=|javascript:/)
    }
  },
)

test('in an outage the page stays as it is until the person goes on, with the form that is to be sent again', () => {
  const waiting = render({ view: null, problem: outage, returnTo: '/x' })
  expect(waiting.head).not.toContain('refresh')
  expect(waiting.body).toContain('Nothing is lost. Try again in a moment.')
  expect(waiting.body).toMatch(
    /<form [^>]*method="get" action="\/sign-in"[^>]*>.*name="return_to" value="\/x"/s,
  )
  const unsent = { step: 'verify', code: '123456', return_to: '/x' }
  const { head, body } = render({ view: null, problem: outage, returnTo: '/x', unsent })
  expect(head).not.toContain('refresh')
  for (const [name, value] of Object.entries(unsent)) {
    expect(body).toContain(`<input type="hidden" name="${name}" value="${value}"/>`)
  }
})

test('a fault that is met on arrival is told with the id that support finds it by', () => {
  const { body } = render({ view: null, problem: fault })
  expect(body).toContain('Id for support: f3c1a1f0')
})

test.each([
  [5, 5, undefined],
  [5, 4, '4 tries left.'],
  [3, 3, undefined],
  [3, 1, 'One try left.'],
  [10, 9, '9 tries left.'],
  [10, 10, undefined],
])(
  'of %i tries, with %i left, the page says how many where they are fewer than all',
  (maxAttempts, attemptsLeft, words) => {
    const { body } = render({ settings: { ...settings, maxAttempts }, view: codeSentView({ attemptsLeft }) })
    expect(body.match(/(\d+ tries|One try) left\./)?.[0]).toBe(words)
  },
)

test.each(reasons)(
  'the page for somebody whose session is over by %s says why, what to do and what to quote',
  (reason) => {
    const english = wordsOf.get('en')?.messages
    if (english === undefined) throw new Error('no words in en')
    const { title, story, advice } = reasonWords(reason, english)
    const { body } = render({ rejected: { reason, reference: 'HF-7K3M-9QXP' } })
    for (const words of [title, story, advice, 'HF-7K3M-9QXP']) expect(body).toContain(words)
    expect(body).toMatch(/<form [^>]*method="post" action="\/sign-in".*name="step" value="send".*<button /s)
    const [, described] = body.match(/<input [^>]*id="email"[^>]*aria-describedby="(\w+)"/) ?? []
    expect(body).toMatch(new RegExp(`<div [^>]*id="${described}"[^>]*>.*HF-7K3M-9QXP`, 's'))
  },
)

test('the field for the address is one that phones and password managers know', () => {
  const [field = ''] = render().body.match(/<input [^>]*id="email"[^>]*>/) ?? []
  const attributes = {
    name: 'email',
    type: 'email',
    autocomplete: 'email',
    autocapitalize: 'none',
    spellcheck: 'false',
  }
  for (const [name, value] of Object.entries(attributes)) expect(field).toContain(` ${name}="${value}"`)
  expect(render().body).toContain('<label for="email"')
})

test('only a page that a sign-in led to leads on by itself', () => {
  const returnTo = 'https://app.example.com/?a=b&c'
  const refresh = /<noscript><meta http-equiv="refresh" content="0;url=\/auth\/return\?return_to=https%3A/
  expect(render({ view: signedInView, returnTo, hasJustSignedIn: true }).head).toMatch(refresh)
  expect(render({ view: signedInView, returnTo }).head).not.toMatch(refresh)
  expect(render({ view: signedInView, hasJustSignedIn: true }).head).not.toMatch(refresh)
})

test('what was typed, and what anybody has put into an address, is text in the page and nothing else', () => {
  const evil = '"><script>alert(1)</script><!--'
  const data = dataOf({ email: evil, returnTo: evil, settings: { ...settings, appName: evil } })
  const template = '<html lang="en"><!--page-head--><!--page-body--><!--page-data-->'
  const html = fillTemplate(template, data, { ...render(data), words: '' })
  expect(html).not.toContain('<script>')
  expect(html.match(/<script/g)?.length).toBe(1)
  expect(html.indexOf('</script>')).toBe(html.length - '</script>'.length)
})

test.each(languageTags)(
  'in %s the document says so, and its words are data without those of the mails',
  (language) => {
    const { element = '' } = wordsOf.get(language) ?? {}
    const html = fillTemplate('<html lang="en"><!--page-data-->', dataOf({ language }), {
      ...render({ language }),
      words: element,
    })
    expect(html).toMatch(new RegExp(`^<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`))
    const words = JSON.parse(element.replace(/^<script[^>]*>|<\/script>$/g, ''))
    expect(words['address.label']).toBeTruthy()
    expect(Object.keys(words).filter((key) => key.startsWith('mail.'))).toEqual([])
  },
)

test('data in a page cannot end its element', () => {
  const element = dataElement('page-data', dataOf({ email: '</script><b>' }))
  expect(element.match(/</g)?.length).toBe(2)
})

test('each form that asks for a code names its request anew, and no other form does', () => {
  const namesOf = (differing: Partial<PageData>) =>
    [...render(differing).body.matchAll(/name="idempotency_key" value="([\w-]{22,128})"/g)].map(
      ([, name]) => name,
    )
  const code = { view: codeSentView() }
  const names = [{}, {}, code, { ...code, renderedAtMs: sentAtMs + 600_000 }].map(namesOf)
  expect(names.map(({ length }) => length)).toEqual([1, 1, 1, 1])
  expect(new Set(names.flat()).size).toBe(4)
  expect(namesOf({ view: signedInView })).toEqual([])
})
