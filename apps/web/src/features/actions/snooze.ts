// When a snoozed conversation comes back: moments that people name, in the zone of the workspace.

const HOUR_MS = 3_600_000;
const MORNING = 9;

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** What the clocks of a zone show. */
export function wallOf(at: Date, zone: string): Wall {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute') };
}

const asUtc = ({ year, month, day, hour, minute }: Wall): number => Date.UTC(year, month - 1, day, hour, minute);

/** The moment at which the clocks of a zone show this. Of an hour that is skipped, the moment after it. */
export function instantOf(wall: Wall, zone: string): Date {
  const wanted = asUtc(wall);
  const offsetAt = (at: number): number => asUtc(wallOf(new Date(at), zone)) - Math.floor(at / 60_000) * 60_000;
  const first = wanted - offsetAt(wanted);
  // The first guess used the offset of a moment some hours away: across a change of the clocks it is off once.
  return new Date(wanted - offsetAt(first));
}

/** So many calendar days after today, at an hour. */
function morningIn(days: number, now: Date, zone: string): Date {
  const { year, month, day } = wallOf(now, zone);
  const then = new Date(Date.UTC(year, month - 1, day + days));
  const date = { year: then.getUTCFullYear(), month: then.getUTCMonth() + 1, day: then.getUTCDate() };
  return instantOf({ ...date, hour: MORNING, minute: 0 }, zone);
}

export type Preset = 'hour' | 'today' | 'tomorrow' | 'monday';

const HALF_HOUR_MS = HOUR_MS / 2;
/** Whoever snoozes until later today means before the evening is over. */
const EVENING = 21;

/** Some three hours from now on a half hour; none once that is not today any more. */
function laterToday(now: Date, zone: string): Date | undefined {
  const then = new Date(Math.ceil((now.getTime() + 3 * HOUR_MS) / HALF_HOUR_MS) * HALF_HOUR_MS);
  const [today, wall] = [wallOf(now, zone), wallOf(then, zone)];
  return wall.day === today.day && wall.hour <= EVENING ? then : undefined;
}

/** The next Monday is never today: whoever snoozes on Monday means the week after. */
export function presets(now: Date, zone: string): Record<Exclude<Preset, 'today'>, Date> & { today: Date | undefined } {
  const { year, month, day } = wallOf(now, zone);
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return {
    hour: new Date(now.getTime() + HOUR_MS),
    today: laterToday(now, zone),
    tomorrow: morningIn(1, now, zone),
    monday: morningIn((8 - weekday) % 7 || 7, now, zone),
  };
}

/** What a `datetime-local` field holds, as a moment in the zone; undefined while it is not complete. */
export function readLocal(text: string, zone: string): Date | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute }, zone);
}

export function writeLocal(at: Date, zone: string): string {
  const { year, month, day, hour, minute } = wallOf(at, zone);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}
