import { compiledMessages } from '@holdfast/messages/vite-plugin'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'

/** The page that embeds it names this file, whatever the version; the others belong to one version. */
const name = 'holdfast-sign-in'

// Built by itself: pages of other origins load it, and find its parts beside it.
export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [
    compiledMessages(),
    // No page needs to say which version of Svelte it is made with.
    svelte({ configFile: false, compilerOptions: { discloseVersion: false } }),
    compression({ include: /\.(js|css)$/, threshold: 500 }),
  ],
  build: {
    outDir: 'dist/embed',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      input: { [name]: 'src/embed/holdfast-sign-in.ts' },
      preserveEntrySignatures: false,
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: ({ names }) =>
          names.some((file) => file.endsWith('.css')) ? `${name}.css` : 'assets/[name]-[hash][extname]',
      },
    },
  },
})
