// Lists that are short enough to be read whole.

/** Every item of a list, and the smallest `as_of` of its parts: what is surely known. */
export async function readAll<T>(
  page: (after: string | undefined) => Promise<{ items: T[]; next?: string | null; as_of: number }>,
): Promise<{ items: T[]; asOf: number }> {
  const items: T[] = [];
  let asOf = Number.MAX_SAFE_INTEGER;
  let after: string | undefined;
  do {
    const part = await page(after);
    items.push(...part.items);
    asOf = Math.min(asOf, part.as_of);
    after = part.next ?? undefined;
  } while (after !== undefined);
  return { items, asOf };
}

/** Parameters without those that are not set. */
export function given<T extends object>(query: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}

/** The newest of several loads wins; an earlier one that answers late is told so. */
export class Turn {
  #n = 0;

  take(): () => boolean {
    const mine = ++this.#n;
    return () => mine === this.#n;
  }

  /** Joins the turn that there is: a part of the same thing. */
  same(): () => boolean {
    const mine = this.#n;
    return () => mine === this.#n;
  }
}
