/** Asks the server that gave this page; Stop makes the server stop, too. */

import type { ComponentProps } from "react";
import type { GraphiQL } from "graphiql";

interface Observer {
  next(answer: unknown): void;
  error(problem: unknown): void;
  complete(): void;
}
type Fetcher = ComponentProps<typeof GraphiQL>["fetcher"];

const ADDRESS = new URL("graphql", document.baseURI);

async function answer(body: unknown, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return { errors: [{ message: "The server does not answer. Is it still running?" }] };
  }
  return response.json();
}

/** An observable of one answer: what stops looking at it aborts the request. */
export const fetcher: Fetcher = ({ query, variables, operationName }) => {
  const asking = new AbortController();
  return {
    subscribe(observer: Observer) {
      answer({ query, variables, operationName }, asking.signal).then(
        (found) => {
          observer.next(found);
          observer.complete();
        },
        (error: unknown) => {
          if (!asking.signal.aborted) observer.error(error);
        },
      );
      return { unsubscribe: () => asking.abort() };
    },
  };
};
