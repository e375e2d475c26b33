import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // The policy of the page lets nothing in but files of this server (apps/server/src/http/console-files.ts).
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What a first visit weighs is measured by size.test.ts.
    chunkSizeWarningLimit: 1000,
    manifest: true,
  },
  server: { proxy: { '/api': 'http://localhost:8700' } },
});
