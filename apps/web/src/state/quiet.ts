// Whether it is quiet now: the same rule as the server's, which holds back what it would push.

import { DAYS, type QuietHours } from './preferences.svelte';

/** Minutes since midnight of `22:00`. */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Quiet hours that end before they begin go on over midnight, and belong to the day on which they began. */
export function isQuiet(hours: QuietHours | null, at: Date, zone: string): boolean {
  if (hours === null) return false;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const day = DAYS.findIndex((name) => name === part('weekday').toLowerCase());
  const now = minutesOf(`${part('hour')}:${part('minute')}`);
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)];
  const isOn = (which: number): boolean => hours.days.some((name) => name === DAYS[(which + 7) % 7]);
  if (from < to) return isOn(day) && now >= from && now < to;
  return (isOn(day) && now >= from) || (isOn(day - 1) && now < to);
}
