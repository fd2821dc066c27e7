// The pages: the explorer, and GraphiQL. Addresses in them are relative, so that a proxy may put
// the server under any path. Nothing is inlined: the content security policy allows own files only.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../built",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
    rollupOptions: {
      input: ["index.html", "graphiql.html"],
      checks: { moduleLevelDirective: false }, // React's "use client" says nothing to a browser
    },
  },
});
