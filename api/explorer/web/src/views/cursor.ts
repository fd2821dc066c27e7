/** Cursors of the API's lists, to ask for the one row that was clicked and no row before it. */

/** What is given as `after` to begin behind so many rows. */
export function cursorBehind(rows: number): string {
  return btoa(`after:${rows}`).replaceAll("+", "-").replaceAll("/", "_");
}
