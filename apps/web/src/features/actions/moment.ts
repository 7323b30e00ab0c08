// Moments as people type them, in English and Romanian, with or without diacritics: "tomorrow at 9", "mâine la 9",
// "in 2 hours", "peste 2 ore", "vineri 14:30", "24.12". What is not wholly understood is no moment: better none than a
// wrong one.

import { fold } from '$ui/fold';
import { instantOf, wallOf } from './snooze';

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const MORNING: Clock = { hour: 9, minute: 0 };

const NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  o: 1,
  un: 1,
  one: 1,
  una: 1,
  unu: 1,
  two: 2,
  doi: 2,
  doua: 2,
  three: 3,
  trei: 3,
  four: 4,
  patru: 4,
  five: 5,
  cinci: 5,
};

/** Minutes in a span of the clock. */
const SPANS: readonly (readonly [names: RegExp, minutes: number])[] = [
  [/^(m|min|mins|minute|minutes|minut)$/, 1],
  [/^(h|hr|hrs|hour|hours|ora|ore)$/, 60],
];
/** Days in a span of the calendar: nine o'clock stays nine o'clock, also where the clocks change. */
const CALENDAR: readonly (readonly [names: RegExp, days: number])[] = [
  [/^(d|day|days|zi|zile)$/, 1],
  [/^(w|week|weeks|saptamana|saptamani)$/, 7],
];

const WEEKDAYS: readonly RegExp[] = [
  /^(sun|sunday|duminica)$/,
  /^(mon|monday|luni)$/,
  /^(tue|tues|tuesday|marti)$/,
  /^(wed|wednesday|miercuri)$/,
  /^(thu|thur|thurs|thursday|joi)$/,
  /^(fri|friday|vineri)$/,
  /^(sat|saturday|sambata)$/,
];

const MONTHS: readonly RegExp[] = [
  /^(jan|january|ian|ianuarie)$/,
  /^(feb|february|februarie)$/,
  /^(mar|march|martie)$/,
  /^(apr|april|aprilie)$/,
  /^(may|mai)$/,
  /^(jun|june|iun|iunie)$/,
  /^(jul|july|iul|iulie)$/,
  /^(aug|august)$/,
  /^(sep|sept|september|septembrie)$/,
  /^(oct|october|octombrie)$/,
  /^(nov|november|noiembrie|noi)$/,
  /^(dec|december|decembrie)$/,
];

const TIMES: Readonly<Record<string, Clock>> = {
  morning: MORNING,
  dimineata: MORNING,
  noon: { hour: 12, minute: 0 },
  pranz: { hour: 12, minute: 0 },
  amiaza: { hour: 12, minute: 0 },
  afternoon: { hour: 14, minute: 0 },
  evening: { hour: 18, minute: 0 },
  seara: { hour: 18, minute: 0 },
};

/** Says only that something follows. */
const FILLING = /^(on|the|pe|in|data|de|this|next|urmatoare|viitoare|urmatoarea|viitor)$/;
const AT = /^(at|la|ora|orele)$/;

/** The moment that a text names, after now; nothing when it names none, or one that has passed. */
export function momentOf(text: string, now: Date, zone: string): Date | undefined {
  const words = fold(text)
    .trim()
    .replaceAll(/dupa[\s-]+amiaza/g, 'afternoon')
    .replaceAll(/day after tomorrow/g, 'poimaine')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const found = spanOf(words, now, zone) ?? dateAndTime(words, now, zone);
  return found !== undefined && found > now ? found : undefined;
}

/** "in 2 hours", "peste o zi", "30 min", "1h 30m". */
function spanOf(words: readonly string[], now: Date, zone: string): Date | undefined {
  const rest = (/^(in|peste)$/.test(words[0] ?? '') ? words.slice(1) : words).flatMap(
    (word) => /^(\d+)([a-z]+)$/.exec(word)?.slice(1) ?? [word],
  );
  const parts = rest.filter((word) => word !== 'de' && word !== 'si' && word !== 'and');
  if (parts.length === 0 || parts.length % 2 === 1) return undefined;
  let [minutes, days] = [0, 0];
  for (let at = 0; at < parts.length; at += 2) {
    const count = numberOf(parts[at]);
    const unit = parts[at + 1] ?? '';
    const clock = SPANS.find(([names]) => names.test(unit));
    const calendar = CALENDAR.find(([names]) => names.test(unit));
    if (count === undefined || (clock === undefined && calendar === undefined)) return undefined;
    minutes += count * (clock?.[1] ?? 0);
    days += count * (calendar?.[1] ?? 0);
  }
  if (days === 0) return new Date(now.getTime() + minutes * MINUTE_MS);
  const wall = wallOf(now, zone);
  // A day that is named by nothing but its distance begins in the morning.
  const time = minutes === 0 ? MORNING : wall;
  const moment = instantOf({ ...dayIn(days, wall), hour: time.hour, minute: time.minute }, zone);
  return new Date(moment.getTime() + minutes * MINUTE_MS);
}

function numberOf(word = ''): number | undefined {
  return /^\d{1,4}$/.test(word) ? Number(word) : NUMBERS[word];
}

function dateAndTime(words: readonly string[], now: Date, zone: string): Date | undefined {
  const wall = wallOf(now, zone);
  let day: Day | undefined;
  let time: Clock | undefined;
  /** "Tomorrow morning" alone is at nine; "tomorrow morning at 8" is at eight. */
  let part: Clock | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const next = words[at + 1] ?? '';
    if (AT.test(word)) {
      // "la prânz", "at 9:30", "la 9.30"
      if (TIMES[next] !== undefined) continue;
      const clock = clockOf(next, words[at + 2]);
      if (clock === undefined || time !== undefined) return undefined;
      time = clock;
      at += isHalf(words[at + 2]) ? 2 : 1;
      continue;
    }
    if (FILLING.test(word)) continue;
    const named = day === undefined ? dayOf(word, next, wall) : undefined;
    if (named !== undefined) {
      day = named.day;
      part ??= named.part;
      at += named.words - 1;
      continue;
    }
    const said = TIMES[word];
    if (said !== undefined) {
      if (part !== undefined) return undefined;
      part = said;
      continue;
    }
    const clock = time === undefined && isClock(word, next) ? clockOf(word, next) : undefined;
    if (clock === undefined) return undefined;
    time = clock;
    if (isHalf(next)) at += 1;
  }
  if (day === undefined && time === undefined && part === undefined) return undefined;
  const clock = both(part, time);
  const moment = instantOf({ ...(day ?? wall), ...clock }, zone);
  // "17:30" alone is the next time that the clocks show it.
  return day === undefined && moment <= now ? instantOf({ ...dayIn(1, wall), ...clock }, zone) : moment;
}

/** "Friday evening at 7" is 19:00. */
function both(part: Clock | undefined, time: Clock | undefined): Clock {
  if (time === undefined) return part ?? MORNING;
  const isLater = part !== undefined && part.hour > 12 && time.hour < 12;
  return isLater ? { ...time, hour: time.hour + 12 } : time;
}

/** A day, how many words name it, and the part of the day that its name says. */
function dayOf(word: string, next: string, wall: Day): { day: Day; words: number; part?: Clock } | undefined {
  if (/^(today|azi|astazi)$/.test(word)) return { day: wall, words: 1 };
  if (/^(tonight|diseara|deseara)$/.test(word)) return { day: wall, words: 1, part: { hour: 20, minute: 0 } };
  if (/^(tomorrow|tmrw|maine)$/.test(word)) return { day: dayIn(1, wall), words: 1 };
  if (word === 'poimaine') return { day: dayIn(2, wall), words: 1 };
  if (word === 'weekend') return { day: dayIn(until(6, wall), wall), words: 1 };
  const weekday = WEEKDAYS.findIndex((names) => names.test(word));
  if (weekday !== -1) return { day: dayIn(until(weekday, wall), wall), words: 1 };
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(word);
  if (iso !== null) return real(Number(iso[1]), Number(iso[2]), Number(iso[3]), 1);
  const dotted = /^(\d{1,2})[./](\d{1,2})(?:[./](\d{4}))?\.?$/.exec(word);
  if (dotted !== null) {
    const [day, month] = [Number(dotted[1]), Number(dotted[2])];
    return dotted[3] === undefined ? coming(month, day, wall, 1) : real(Number(dotted[3]), month, day, 1);
  }
  const [first, second] = [
    MONTHS.findIndex((names) => names.test(word)),
    MONTHS.findIndex((names) => names.test(next)),
  ];
  const dayNumber = (text: string): number | undefined =>
    /^\d{1,2}(st|nd|rd|th|\.)?$/.test(text) ? Number.parseInt(text, 10) : undefined;
  if (second !== -1 && dayNumber(word) !== undefined) return coming(second + 1, dayNumber(word) ?? 0, wall, 2);
  if (first !== -1 && dayNumber(next) !== undefined) return coming(first + 1, dayNumber(next) ?? 0, wall, 2);
  return undefined;
}

/** Days until a weekday comes; today is not meant. */
const until = (weekday: number, { year, month, day }: Day): number =>
  (weekday - new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 7) % 7 || 7;

function dayIn(days: number, { year, month, day }: Day): Day {
  const then = new Date(Date.UTC(year, month - 1, day + days));
  return { year: then.getUTCFullYear(), month: then.getUTCMonth() + 1, day: then.getUTCDate() };
}

function real(year: number, month: number, day: number, words: number): { day: Day; words: number } | undefined {
  const then = new Date(Date.UTC(year, month - 1, day));
  return then.getUTCMonth() === month - 1 && then.getUTCDate() === day
    ? { day: { year, month, day }, words }
    : undefined;
}

/** A date without a year is the next one. */
function coming(month: number, day: number, wall: Day, words: number): { day: Day; words: number } | undefined {
  const isOver = month < wall.month || (month === wall.month && day < wall.day);
  return real(isOver ? wall.year + 1 : wall.year, month, day, words);
}

const isHalf = (word?: string): boolean => /^(am|pm)$/.test(word ?? '');

/** A bare number is an hour only where it cannot be taken for something else. */
const isClock = (word: string, next: string): boolean =>
  /[:h]|[ap]m$/.test(word) || /^\d{1,2}$/.test(word) || isHalf(next);

function clockOf(word: string, next?: string): Clock | undefined {
  const found = /^(\d{1,2})(?:[:.h](\d{2})?)?(am|pm)?$/.exec(word);
  if (found === null) return undefined;
  const half = found[3] ?? (isHalf(next) ? next : undefined);
  const [shown, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  if (half !== undefined && (shown < 1 || shown > 12)) return undefined;
  const hour = half === undefined ? shown : (shown % 12) + (half === 'pm' ? 12 : 0);
  return hour < 24 && minute < 60 ? { hour, minute } : undefined;
}
