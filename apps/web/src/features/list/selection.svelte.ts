// Rows that are chosen for what is done to many at once.

export class Selection {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a stretch began: it stays there while the other end moves. */
  #anchor: string | undefined;
  #stretched: readonly string[] = [];

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  toggle(id: string): void {
    const ids = new Set(this.#ids);
    if (!ids.delete(id)) ids.add(id);
    this.#ids = ids;
    this.#anchor = id;
    this.#stretched = [];
  }

  /** Chooses everything between where it began and `to`; what the same stretch chose before and left is let go. */
  stretch(order: readonly string[], from: string | undefined, to: string): void {
    this.#anchor ??= from ?? to;
    const [first, last] = [order.indexOf(this.#anchor), order.indexOf(to)];
    if (last === -1) return;
    const start = first === -1 ? last : first;
    const between = order.slice(Math.min(start, last), Math.max(start, last) + 1);
    const ids = new Set(this.#ids);
    for (const id of this.#stretched) ids.delete(id);
    for (const id of between) ids.add(id);
    this.#stretched = between;
    this.#ids = ids;
  }

  all(ids: readonly string[]): void {
    this.#ids = new Set(ids);
    this.#stretched = [];
  }

  clear(): void {
    if (this.#ids.size > 0) this.#ids = new Set();
    this.#anchor = undefined;
    this.#stretched = [];
  }
}
