// What is used outside of the server: the template of reports, the widget of notebooks, and the
// catalogue of figures and views that Python reads.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "vite";

const OUT = new URL("../built/", import.meta.url);
const PLACE = "__JOURNEYGRAPH_REPORT__";

async function built(entry, format, ssr = false) {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      ...(ssr ? { ssr: entry } : { lib: { entry, name: "journeygraph", formats: [format] } }),
      chunkSizeWarningLimit: 5000,
    },
    ...(ssr ? { ssr: { noExternal: true } } : {}),
  });
  const { output } = Array.isArray(result) ? result[0] : result;
  return output.find(({ type }) => type === "chunk").code;
}

function digest(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** A script that can stand in a page: nothing in it ends the element. */
function inline(code) {
  const safe = code.trim().replaceAll(/<\/(script)/gi, "<\\/$1");
  if (safe.includes("<!--")) throw new Error("The report's script holds <!--, which pages read as a comment.");
  return safe;
}

const script = inline(await built("src/report/main.ts", "iife"));
const style = readFileSync("src/report/report.css", "utf8").trim();
const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
writeFileSync(new URL("report.html", OUT), `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>journeygraph</title>
<style>${style}</style>
</head>
<body>
<main id="report"></main>
<noscript><p>The pictures of this report are drawn by the script within it. Allow it to run.</p></noscript>
<script type="application/json" id="content">${PLACE}</script>
<script>${script}</script>
</body>
</html>
`);

writeFileSync(new URL("widget.js", OUT), await built("src/notebook/widget.ts", "es"));

const code = await built("src/catalogue.ts", "es", true);
const { CATALOGUE } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
writeFileSync(new URL("catalogue.json", OUT), `${JSON.stringify(CATALOGUE, null, 1)}\n`);
