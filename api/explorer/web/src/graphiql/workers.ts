/** What Monaco reads along in the background: own files, as the content security policy wants it. */

import JsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker";
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker";
import GraphQLWorker from "monaco-graphql/esm/graphql.worker.js?worker";

Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker(_id: string, label: string): Worker {
      if (label === "json") return new JsonWorker();
      return label === "graphql" ? new GraphQLWorker() : new EditorWorker();
    },
  },
});
