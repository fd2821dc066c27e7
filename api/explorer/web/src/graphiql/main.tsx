/** @jsxImportSource react */
/** The page for writing queries: GraphiQL, with examples that fit the store. */

import "./workers";
import "graphiql/style.css";
import "./graphiql.css";
import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from "@graphiql/react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { readAddress, writeAddress } from "./address";
import { EXAMPLES, type Example } from "./examples";
import { fetcher } from "./fetcher";

const GREETING = `# Ctrl+Enter runs the query,
# Ctrl+Space proposes what can stand here.
{
  store {
    version
    interactions
    customers
    touchpoints
  }
}
`;

function Examples() {
  const { addTab, prettifyEditors } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const [busy, setBusy] = useState("");
  const open = async ({ title, query }: Example): Promise<void> => {
    setBusy(title);
    const text = typeof query === "string" ? query : await query();
    setBusy("");
    addTab();
    queryEditor?.setValue(text);
    void prettifyEditors();
    queryEditor?.focus();
  };
  return (
    <div className="examples">
      <h2>Examples</h2>
      <ul>
        {EXAMPLES.map((example) => (
          <li key={example.title}>
            <button type="button" disabled={busy === example.title} onClick={() => void open(example)}>{example.title}</button>
            <p>{example.about}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <rect x="4" y="4" width="16" height="16" rx="2" />
      <path d="M8 9h8M8 13h8M8 17h4" />
    </svg>
  );
}

const EXAMPLES_PLUGIN: GraphiQLPlugin = { title: "Examples", icon: Icon, content: Examples };

function Page() {
  const given = readAddress();
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultQuery={GREETING}
      {...(given.query ? { initialQuery: given.query, initialVariables: given.variables ?? "" } : { visiblePlugin: EXAMPLES_PLUGIN })}
      plugins={[EXAMPLES_PLUGIN, HISTORY_PLUGIN]}
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      onEditQuery={(query) => writeAddress({ query })}
      onEditVariables={(variables) => writeAddress({ variables })}
    >
      <GraphiQL.Logo><a href="./">journeygraph</a></GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(document.getElementById("graphiql")!).render(<Page />);
