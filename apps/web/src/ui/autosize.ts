import type { Attachment } from 'svelte/attachments';

/** Lets a text area grow with its text. WebKit has no `field-sizing` yet, so the height is measured. */
export function autosize(text: () => string, maxRows: number): Attachment<HTMLTextAreaElement> {
  return (area) => {
    if (text() === '') {
      // As high as its rows: to measure that would lay out the page, each time a conversation is opened.
      area.style.height = '';
      return;
    }
    const style = getComputedStyle(area);
    const line = parseFloat(style.lineHeight) || 20;
    const edges = area.offsetHeight - area.clientHeight;
    const padding = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    area.style.height = 'auto';
    const most = line * maxRows + padding + edges;
    const wanted = area.scrollHeight + edges;
    area.style.height = `${Math.min(wanted, most)}px`;
    area.style.overflowY = wanted > most ? 'auto' : 'hidden';
  };
}
