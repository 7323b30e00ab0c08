// How hard a new password is to guess, in one word. The server decides what it takes; this only advises.

export type Strength = 'short' | 'weak' | 'fair' | 'strong';

const LEAST = 8;

export function strength(password: string): Strength {
  const characters = [...password.normalize('NFKC').toLowerCase()];
  if (characters.length < LEAST) return 'short';
  // What repeats or goes on as expected (aaa, 123, abc) adds nothing for whoever guesses.
  const surprises = characters.filter((character, at) => {
    const step = (character.codePointAt(0) ?? 0) - (characters[at - 1]?.codePointAt(0) ?? 0);
    return at === 0 || Math.abs(step) > 1;
  });
  const kinds = [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const points = new Set(surprises).size + surprises.length / 2 + kinds * 2;
  if (points < 13) return 'weak';
  return points < 21 ? 'fair' : 'strong';
}
