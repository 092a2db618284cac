import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// Built by itself, so that the sign-in page shares no file with the developer pages and does not grow with them.
export default defineConfig({
  base: '/dev/',
  publicDir: false,
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: 'dist/dev',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: 'dev.html' },
  },
})
