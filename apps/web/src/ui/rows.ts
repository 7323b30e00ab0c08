/** Which rows of a list of equal rows are drawn: those in sight and `spare` on both sides. */
export function visibleRows(
  list: { readonly count: number; readonly rowHeight: number },
  view: { readonly top: number; readonly height: number },
  spare = 6,
): { readonly from: number; readonly to: number } {
  const first = Math.floor(view.top / list.rowHeight);
  const last = Math.ceil((view.top + view.height) / list.rowHeight);
  const to = Math.min(list.count, Math.max(0, last + spare));
  return { from: Math.max(0, Math.min(first - spare, to)), to };
}

/** Where to scroll so that a row is wholly in sight; the same place when it is already. */
export function scrollToShow(
  row: number,
  rowHeight: number,
  view: { readonly top: number; readonly height: number },
): number {
  const start = row * rowHeight;
  if (start < view.top) return start;
  return start + rowHeight > view.top + view.height ? start + rowHeight - view.height : view.top;
}
