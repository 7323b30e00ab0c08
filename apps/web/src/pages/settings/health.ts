// One word for how an inbox stands, from the evidence that the server keeps.
import type { Schema } from '$api/index';

export interface Health {
  readonly name: 'refused' | 'trouble' | 'fine' | 'silent';
  readonly tone: 'danger' | 'warning' | 'success' | 'neutral';
}

export function healthOf(health: Schema<'HealthOut'>): Health {
  const heard = Math.max(...[health.last_inbound_at, health.last_accepted_at].map((at) => (at ? Date.parse(at) : 0)));
  if (health.credential_problem) return { name: 'refused', tone: 'danger' };
  // A problem is over once the channel took or brought something after it.
  if (health.last_problem && Date.parse(health.last_problem.at) > heard) return { name: 'trouble', tone: 'warning' };
  return heard > 0 ? { name: 'fine', tone: 'success' } : { name: 'silent', tone: 'neutral' };
}
