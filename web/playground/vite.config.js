import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses, so that the page works under any path prefix.
  base: './',
  // The editor's workers are modules that import each other's chunks.
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    sourcemap: false,
    // Every browser that runs the page has module preloading.
    modulePreload: { polyfill: false },
    // Fonts and images stay files: a data URI is copied into every sheet that names it.
    assetsInlineLimit: 0,
    // The licences of what is bundled ask to travel with it.
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
    // One chunk is the whole of Monaco; splitting it saves nothing.
    chunkSizeWarningLimit: 4096,
    // Libraries mark modules for React's server half and compiler; a browser bundle has neither.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
