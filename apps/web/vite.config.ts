import type { IncomingMessage } from 'node:http'
import { compiledMessages } from '@holdfast/messages/vite-plugin'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'

const api = process.env.HOLDFAST_API ?? 'http://localhost:3000'

// The API refuses other origins. In development the page comes from Vite's port, so the proxy speaks for it.
const toApi = { target: api, changeOrigin: true, headers: { origin: new URL(api).origin } }

// The developer pages are drawn from here too; what they ask for comes from the API.
const devPage = (request: IncomingMessage) =>
  /^\/dev(\/mail)?\/?(\?|$)/.test(request.url ?? '') && request.headers.accept?.includes('text/html')
    ? '/dev.html'
    : undefined

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [
    compiledMessages(),
    // No page needs to say which version of Svelte it is made with.
    svelte({ configFile: false, compilerOptions: { discloseVersion: false } }),
    // For the browser alone. The server sends these instead of the files, and compresses nothing itself.
    ...(isSsrBuild ? [] : [compression({ include: /\.(js|css|svg)$/, threshold: 500 })]),
  ],
  build: {
    outDir: isSsrBuild ? 'dist/server' : 'dist/client',
    copyPublicDir: !isSsrBuild,
    // The content security policy allows files only: nothing inline, no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The server loads what is built and nothing else: no package of this app is installed beside it.
  ssr: { noExternal: true },
  server: {
    proxy: { '/auth': toApi, '/dev': { ...toApi, bypass: devPage }, '/healthz': toApi, '/sign-in': toApi },
  },
}))
