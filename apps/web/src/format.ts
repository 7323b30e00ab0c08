// Dates, numbers and sizes as a person reads them, in the language and time zone of that person. Only Intl.

export interface Formats {
  readonly locale: string;
  readonly zone: string;
  number(value: number): string;
  percent(share: number): string;
  bytes(count: number): string;
  list(items: readonly string[]): string;
  /** 14:05 */
  time(at: Date): string;
  /** 22 Nov 2026 */
  date(at: Date): string;
  /** Sunday, 22 November 2026 at 14:05 */
  full(at: Date): string;
  /** "yesterday", "Monday", "22 Nov": what heads a day in a list. */
  day(at: Date, now: Date): string;
  /** Monday */
  weekday(at: Date): string;
  /** "now", "5 min ago", "yesterday", then the date. */
  relative(at: Date, now: Date): string;
  /** To the second, for what is looked at closely: 14:05:09 today, 21 Nov, 14:05:09 before. */
  moment(at: Date, now: Date): string;
  /** "10 seconds ago", and from a minute on as `relative`: where seconds matter. */
  ago(at: Date, now: Date): string;
  /** As little as tells the moment: 14:05 today, Mon this week, 22 Nov this year, 22.11.25 before. */
  brief(at: Date, now: Date): string;
  /** "1 h 5 min", at most two units; negative spans lose their sign. */
  duration(milliseconds: number): string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const SPANS = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const;

let zone: string | undefined;

/** The zone of this computer, as it was when it was first asked: asking costs most of a millisecond. */
export function browserZone(): string {
  return (zone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** A language alone says too little: in bare `en`, dates are American. */
const USUAL: Readonly<Record<string, string>> = { en: 'en-GB', ro: 'ro-RO' };

/** The language as it is spoken where the person is, by what the browser was told: `en` becomes `en-IE` in Dublin. */
export function regional(language: string, told: readonly string[]): string {
  const own = told.find((one) => one.toLowerCase().startsWith(`${language}-`));
  return own ?? USUAL[language] ?? language;
}

function browserLanguages(): readonly string[] {
  return typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);
}

const made = new Map<string, Formats>();

/** Made once for each language and zone: Intl takes milliseconds to begin. */
export function formats(language: string, zone: string): Formats {
  const locale = regional(language, browserLanguages());
  const key = `${language} ${locale} ${zone}`;
  const known = made.get(key) ?? formatsOf(language, locale, zone);
  made.set(key, known);
  return known;
}

function formatsOf(language: string, locale: string, zone: string): Formats {
  const date = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const time = date({ timeStyle: 'short' });
  const exact = date({ timeStyle: 'medium' });
  const medium = date({ dateStyle: 'medium' });
  const full = date({ dateStyle: 'full', timeStyle: 'short' });
  const dayMonth = date({ day: 'numeric', month: 'short' });
  const short = date({ day: '2-digit', month: '2-digit', year: '2-digit' });
  const weekday = date({ weekday: 'short' });
  const weekdayLong = date({ weekday: 'long' });
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });

  /** The calendar day in the zone, as a count of days: differences survive daylight saving. */
  const dayNumber = (at: Date): number => Date.parse(`${parts.format(at)}T00:00:00Z`) / DAY;
  const sameYear = (at: Date, now: Date): boolean => parts.format(at).slice(0, 4) === parts.format(now).slice(0, 4);
  const daysAgo = (at: Date, now: Date): number => dayNumber(now) - dayNumber(at);
  const units = new Map<string, Intl.NumberFormat>();
  const unit = (value: number, name: string, digits: number, display: 'long' | 'short' | 'narrow'): string => {
    const key = `${name} ${digits} ${display}`;
    const style = { style: 'unit', unit: name, unitDisplay: display, maximumFractionDigits: digits } as const;
    const format = units.get(key) ?? new Intl.NumberFormat(locale, style);
    units.set(key, format);
    return format.format(value);
  };
  const dated = (at: Date, now: Date): string => (sameYear(at, now) ? dayMonth : medium).format(at);

  return {
    locale: language,
    zone,
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes(count) {
      const step = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(count))) / 3)));
      const value = count / 1000 ** step;
      return unit(value, SIZES[step] ?? 'byte', value < 10 && step > 0 ? 1 : 0, step === 0 ? 'long' : 'short');
    },
    list: (items) => list.format(items),
    time: (at) => time.format(at),
    date: (at) => medium.format(at),
    full: (at) => full.format(at),
    weekday: (at) => weekdayLong.format(at),
    day(at, now) {
      const days = daysAgo(at, now);
      if (days === 0 || days === 1)
        return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
      return days > 1 && days < 7 ? weekdayLong.format(at) : dated(at, now);
    },
    ago(at, now) {
      // The clocks of two computers differ a little: nothing was written just now or later.
      const passed = Math.max(SECOND, now.getTime() - at.getTime());
      return passed < MINUTE ? ago.format(-Math.trunc(passed / SECOND), 'second') : this.relative(at, now);
    },
    relative(at, now) {
      const passed = now.getTime() - at.getTime();
      const size = Math.abs(passed);
      if (size < MINUTE) return ago.format(0, 'second');
      if (size < HOUR) return ago.format(-Math.trunc(passed / MINUTE), 'minute');
      if (size < DAY && daysAgo(at, now) === 0) return ago.format(-Math.trunc(passed / HOUR), 'hour');
      return Math.abs(daysAgo(at, now)) < 7 ? ago.format(-daysAgo(at, now), 'day') : dated(at, now);
    },
    moment: (at, now) => (daysAgo(at, now) === 0 ? '' : `${dated(at, now)}, `) + exact.format(at),
    brief(at, now) {
      const days = daysAgo(at, now);
      if (days === 0) return time.format(at);
      if (days > 0 && days < 7) return weekday.format(at);
      return (sameYear(at, now) ? dayMonth : short).format(at);
    },
    duration(milliseconds) {
      const whole = Math.abs(milliseconds);
      const first = SPANS.findIndex(([, size]) => whole >= size);
      const from = first < 0 ? SPANS.length - 1 : first;
      return SPANS.slice(from, from + 2)
        .map(
          ([name, size], at) =>
            [name, Math.floor((at === 0 ? whole : whole % (SPANS[from]?.[1] ?? whole)) / size)] as const,
        )
        .filter(([, value], at) => at === 0 || value > 0)
        .map(([name, value]) => unit(value, name, 0, 'short'))
        .join(' ');
    },
  };
}
