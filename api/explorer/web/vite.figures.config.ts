// The figures alone, for notebooks and reports: one module `figures.js`, and with --mode classic
// one script `figures.iife.js` that gives `journeygraphFigures` to a page without modules.
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  build: {
    outDir: "../built",
    emptyOutDir: false,
    lib: {
      entry: "src/figures/library.ts",
      name: "journeygraphFigures",
      formats: mode === "classic" ? ["iife"] : ["es"],
      fileName: (format) => (format === "es" ? "figures.js" : "figures.iife.js"),
    },
    chunkSizeWarningLimit: 5000,
  },
  define: { "process.env.NODE_ENV": '"production"' },
}));
