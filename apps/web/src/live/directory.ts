// Agents, inboxes and labels followed by facts. Facts carry no names, so most kinds only say what to fetch.

import type { Agent, Inbox, KnownEvent, Label } from '$api/index';

export function foldAgents(agents: readonly Agent[], event: KnownEvent, at: string): readonly Agent[] {
  const change = (id: string, patch: Partial<Agent>): readonly Agent[] =>
    agents.some((agent) => agent.id === id)
      ? agents.map((agent) => (agent.id === id ? { ...agent, ...patch } : agent))
      : agents;
  switch (event.kind) {
    case 'agent_changed':
      return change(event.agent, { role: event.role });
    case 'agent_disabled':
      return change(event.agent, { disabled_at: at });
    case 'agent_enabled':
      return change(event.agent, { disabled_at: null });
    default:
      return agents;
  }
}

export function foldLabels(labels: readonly Label[], event: KnownEvent): readonly Label[] {
  if (event.kind !== 'label_deleted' || !labels.some((label) => label.id === event.label)) return labels;
  return labels.filter((label) => label.id !== event.label);
}

export function foldInboxes(inboxes: readonly Inbox[], event: KnownEvent, at: string): readonly Inbox[] {
  if (event.kind !== 'inbox_credential_changed') return inboxes;
  const { inbox, is_broken } = event;
  if (!inboxes.some((one) => one.id === inbox)) return inboxes;
  return inboxes.map((one) =>
    one.id === inbox
      ? { ...one, health: { ...one.health, credential_problem: is_broken ? { at, detail: '' } : null } }
      : one,
  );
}
