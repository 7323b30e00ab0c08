// Where the words of a question stand in a text that was found.

import { fold } from '$ui/fold';

export interface Part {
  readonly text: string;
  readonly isHit: boolean;
}

/** The text in parts: those that answer a word of the question, without regard to capitals and diacritics. */
export function marked(text: string, query: string): readonly Part[] {
  const letters = [...text];
  // Folding may change how many letters there are; each folded one remembers where it comes from.
  const folded: string[] = [];
  const origin: number[] = [];
  letters.forEach((letter, at) => {
    for (const one of fold(letter)) {
      folded.push(one);
      origin.push(at);
    }
  });
  const hay = folded.join('');
  const hit = new Array<boolean>(letters.length).fill(false);
  for (const word of fold(query).split(/\s+/).filter(Boolean)) {
    for (let at = hay.indexOf(word); at !== -1; at = hay.indexOf(word, at + word.length)) {
      const from = [...hay.slice(0, at)].length;
      const length = [...word].length;
      for (let step = from; step < from + length; step++) hit[origin[step] ?? -1] = true;
    }
  }
  const parts: { text: string; isHit: boolean }[] = [];
  letters.forEach((letter, at) => {
    const isHit = hit[at] ?? false;
    const last = parts.at(-1);
    if (last?.isHit === isHit) last.text += letter;
    else parts.push({ text: letter, isHit });
  });
  return parts;
}
