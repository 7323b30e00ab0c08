// Ids in the order of a list: newest message first, then the larger id. Pure, as it must bear 100,000 rows.

export interface Place {
  /** The part of a list that has several, one below the other. */
  part?: number;
  at: number;
  id: string;
}

/** Up to so many are moved one by one. */
const FEW = 16;

/** Negative when `a` stands before `b`. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.part !== b.part) return (a.part ?? 0) - (b.part ?? 0);
  if (a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/** Where a place belongs in ordered ids. */
function indexOf(ids: readonly string[], place: Place, placeOf: (id: string) => Place): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comparePlaces(placeOf(ids[middle] ?? ''), place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ids after some of them changed: `changed` are taken out, `present` put where they belong now. */
export function reordered(
  ids: readonly string[],
  changed: ReadonlySet<string>,
  present: readonly string[],
  placeOf: (id: string) => Place,
): string[] {
  const sorted = present.map(placeOf).sort(comparePlaces);
  if (changed.size > FEW)
    return merged(
      ids.filter((id) => !changed.has(id)),
      sorted,
      placeOf,
    );
  const kept = [...ids];
  for (const id of changed) {
    const from = kept.indexOf(id);
    if (from !== -1) kept.splice(from, 1);
  }
  for (const place of sorted) kept.splice(indexOf(kept, place, placeOf), 0, place.id);
  return kept;
}

/** Many at once: one walk over both. */
function merged(ids: readonly string[], places: readonly Place[], placeOf: (id: string) => Place): string[] {
  const all: string[] = [];
  let next = 0;
  for (const id of ids) {
    const here = placeOf(id);
    for (let place = places[next]; place && comparePlaces(place, here) < 0; place = places[++next]) all.push(place.id);
    all.push(id);
  }
  for (; next < places.length; next++) all.push(places[next]?.id ?? '');
  return all;
}
