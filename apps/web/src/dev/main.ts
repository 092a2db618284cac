import { mount } from 'svelte'
import '../design.css'
import DevApp, { type Shown } from './DevApp.svelte'
import { createDevServer } from './dev-server.ts'
import { Mailbox } from './mailbox/mailbox.svelte.ts'
import { Overview } from './overview/overview.svelte.ts'
import { createReferenceMemory } from './overview/reference-memory.ts'
import { Watch } from './watch.svelte.ts'

const server = createDevServer()
const shown = show(location)
const load = shown.page === 'mailbox' ? shown.mailbox.load : shown.overview.load
const watch = new Watch(server, load)
mount(DevApp, { target: document.querySelector('#app') ?? document.body, props: { shown, watch } })
watch.start()

function show({ pathname, search }: Location): Shown {
  if (/^\/dev\/mail\/?$/.test(pathname)) {
    const asked = new URLSearchParams(search)
    const about = asked.get('about') ?? asked.get('to') ?? ''
    return { page: 'mailbox', mailbox: new Mailbox(server, about) }
  }
  return {
    page: 'overview',
    overview: new Overview(
      server,
      createReferenceMemory(() => localStorage),
    ),
  }
}
