// On whom a step is practised: first on whoever is open, then on somebody of a simulated town, then on the next one.

import type { Conversation } from '$api/index';
import type { Desk, Step } from '$state/index';

export interface Practice {
  readonly conversation: string;
  /** Whether the customer is one of a simulator, so that nobody real reads what is written. */
  readonly isSimulated: boolean;
}

/** Whether a step can be done with a conversation. The palette needs none. */
export function fits(step: Step, it: Conversation): boolean {
  switch (step) {
    case 'claim':
      return it.status === 'open' && !it.assignee;
    case 'answer':
      return it.status !== 'resolved' && it.window.is_open;
    case 'note':
      return it.status !== 'resolved';
    case 'snooze':
      return it.status === 'open' || it.status === 'waiting';
    case 'palette':
      return false;
  }
}

/** The simulator is on the same computer as the server; Meta never is. */
export function isSimulated(baseUrl: string | undefined): boolean {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

export function practiceOf(
  step: Step,
  desk: Pick<Desk, 'rows' | 'directory'>,
  ids: readonly string[],
  current: string | undefined,
): Practice | null {
  const all = [...(current === undefined ? [] : [current]), ...ids];
  const found = all.flatMap((id) => {
    const it = desk.rows.get(id);
    if (it === null || !fits(step, it)) return [];
    const inbox = desk.directory.inboxById.get(it.inbox.id);
    return [{ conversation: id, isSimulated: isSimulated(inbox?.whatsapp_cloud.base_url) }];
  });
  return (
    found.find(({ conversation }) => conversation === current) ??
    found.find((one) => one.isSimulated) ??
    found[0] ??
    null
  );
}
