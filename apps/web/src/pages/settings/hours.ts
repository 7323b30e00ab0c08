// Working hours as they are edited: times as people type them, what is wrong with a day, and what one button changes.
// The server decides in the end; this only saves a round trip.

export const WEEK = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Day = (typeof WEEK)[number];
export const WORKDAYS: readonly Day[] = WEEK.slice(0, 5);

/** From one time of a day to a later one, each `HH:MM`; `24:00` is the end of the day. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** A day that is absent or has no spans is closed. */
export type Hours = Readonly<Partial<Record<Day, readonly Span[]>>>;

/** Spans that one day can have. */
export const MOST_SPANS = 4;

const END = 24 * 60;
const OFFICE: Span = { from: '09:00', to: '18:00' };

/** Monday to Friday, 09:00 to 18:00: what a server starts with. */
export const OFFICE_HOURS: Hours = Object.fromEntries(WORKDAYS.map((day) => [day, [OFFICE]]));

/** Minutes since midnight of `9`, `930`, `9:30`, `09.30`, `9h30`, `24`; undefined when it is no time of a day. */
export function minutesOf(text: string): number | undefined {
  const [, spelled, divided, minute = '0'] = /^(?:(\d{1,4})|(\d{1,2})\s*[:.,h ]\s*(\d{2}))$/.exec(text.trim()) ?? [];
  let hours = Number(divided ?? spelled);
  let minutes = Number(minute);
  if (spelled !== undefined && spelled.length > 2) {
    hours = Number(spelled.slice(0, -2));
    minutes = Number(spelled.slice(-2));
  }
  const all = hours * 60 + minutes;
  return minutes < 60 && all <= END ? all : undefined;
}

export function clockTime(minutes: number): string {
  const at = Math.min(END, Math.max(0, minutes));
  return `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
}

/** As the clock writes it; what is no time stays as it was typed. */
export function tidyTime(text: string): string {
  const minutes = minutesOf(text);
  return minutes === undefined ? text : clockTime(minutes);
}

export type DayProblem = 'noTime' | 'backwards' | 'overlap';

/** What is wrong with the spans of one day, and with which. */
export function problemOf(spans: readonly Span[]): { span: number; problem: DayProblem } | undefined {
  const read = spans.map(({ from, to }, span) => ({ span, from: minutesOf(from), to: minutesOf(to) }));
  const timed = read.filter((one): one is { span: number; from: number; to: number } => {
    return one.from !== undefined && one.to !== undefined;
  });
  const missing = read.find(({ from, to }) => from === undefined || to === undefined);
  if (missing) return { span: missing.span, problem: 'noTime' };
  const backwards = timed.find(({ from, to }) => from >= to);
  if (backwards) return { span: backwards.span, problem: 'backwards' };
  const ordered = timed.toSorted((a, b) => a.from - b.from);
  const late = ordered.find(({ from }, at) => from < (ordered[at - 1]?.to ?? 0));
  return late && { span: late.span, problem: 'overlap' };
}

export function isRight(hours: Hours): boolean {
  return WEEK.every((day) => problemOf(hours[day] ?? []) === undefined);
}

/** A span to begin with, after those that are there: an hour later, to the evening. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = Math.max(0, ...spans.map(({ to }) => minutesOf(to) ?? 0));
  if (last === 0) return OFFICE;
  const from = Math.min(last + 60, END - 60);
  return { from: clockTime(from), to: clockTime(from + 180) };
}

/** The same spans on other days. */
export function copied(hours: Hours, from: Day, to: readonly Day[]): Hours {
  return { ...hours, ...Object.fromEntries(to.map((day) => [day, hours[from] ?? []])) };
}

/** As the server keeps it: times tidy and in order, closed days left out. Two that look alike are equal as JSON. */
export function tidy(hours: Hours): Partial<Record<Day, Span[]>> {
  const days = WEEK.map((day) => {
    const spans = (hours[day] ?? []).map(({ from, to }) => ({ from: tidyTime(from), to: tidyTime(to) }));
    return [day, spans.toSorted((a, b) => a.from.localeCompare(b.from))] as const;
  });
  return Object.fromEntries(days.filter(([, spans]) => spans.length > 0));
}

export function areSame(a: Hours, b: Hours): boolean {
  return JSON.stringify(tidy(a)) === JSON.stringify(tidy(b));
}
