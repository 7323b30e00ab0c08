// What agents do with conversations, one or many: shown at once, told to the server, and undone with one key.

import { toProblem, type Api, type Conversation, type Label, type Schema } from '$api/index';
import { explain } from '$app/frame/problem';
import type { I18n, Translate } from '$i18n/i18n.svelte';
import type { Desk, Session } from '$state/index';
import type { Toasts } from '$ui/toasts.svelte';

export type ActionName = 'claim' | 'assign' | 'unassign' | 'snooze' | 'resolve' | 'reopen' | 'unread' | 'label';

export interface ActionsOptions {
  readonly desk: Desk;
  readonly api: Api;
  readonly session: Session;
  readonly toasts: Toasts;
  readonly language: I18n;
  readonly t: Translate;
  /** Rows are about to leave the list that is shown. */
  readonly onleave: (ids: readonly string[]) => void;
  /** They have left it. */
  readonly onleft: (ids: readonly string[]) => void;
  /** They are back. */
  readonly onreturn: (ids: readonly string[]) => void;
}

interface Change {
  readonly said: (count: number) => string;
  readonly guess: (it: Conversation) => Conversation;
  readonly ask: (id: string) => Promise<unknown>;
  readonly back: {
    readonly guess: (now: Conversation, before: Conversation) => Conversation;
    readonly ask: (before: Conversation) => Promise<unknown>;
  };
  /** Whether such a change takes rows out of working lists. */
  readonly leaves?: boolean;
}

/** So many requests at once; the server orders what touches one conversation by itself. */
const LANES = 4;
/** As long as the toast offers it. */
const UNDO_MS = 8_000;

export class Actions {
  readonly #to: ActionsOptions;
  #undo = $state.raw<(() => void) | null>(null);
  #dismiss: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #members = $state.raw<ReadonlyMap<string, ReadonlySet<string>>>(new Map());

  constructor(options: ActionsOptions) {
    this.#to = options;
  }

  get canUndo(): boolean {
    return this.#undo !== null;
  }

  undo(): void {
    this.#undo?.();
  }

  /** Why an action makes no sense for these now; nothing when it does for at least one. */
  whyNot(name: ActionName, ids: readonly string[]): string | undefined {
    const { t, session, desk } = this.#to;
    if (!session.may('work_conversations')) return t('actions.why.role');
    const its = ids.flatMap((id) => desk.rows.get(id) ?? []);
    if (its.length === 0) return t('actions.why.none');
    const reasons = its.map((it) => this.#reason(name, it));
    return reasons.includes(undefined) ? undefined : reasons[0];
  }

  #reason(name: ActionName, it: Conversation): string | undefined {
    const { t } = this.#to;
    const me = this.#to.session.agent?.id;
    switch (name) {
      case 'claim':
        if (!it.assignee) return undefined;
        return it.assignee.id === me ? t('actions.why.yours') : t('actions.why.owned', { name: it.assignee.name });
      case 'unassign':
        return it.assignee ? undefined : t('actions.why.noOwner');
      case 'snooze':
        return it.status === 'resolved' ? t('actions.why.resolved') : undefined;
      case 'resolve':
        return it.status === 'resolved' ? t('actions.why.alreadyResolved') : undefined;
      case 'reopen':
        return it.status === 'open' ? t('actions.why.open') : undefined;
      case 'unread':
        return it.unread > 0 ? t('actions.why.unread') : undefined;
      case 'assign':
      case 'label':
        return undefined;
    }
  }

  claim(ids: readonly string[]): void {
    const { agent } = this.#to.session;
    if (!agent) return;
    const me = { id: agent.id, name: agent.name };
    this.#assignment(
      this.#fit('claim', ids),
      me,
      (count) => this.#to.t('actions.done.claim', { count }),
      (id) => this.#to.desk.commands.claim(id),
    );
  }

  assign(ids: readonly string[], to: string): void {
    const agent = this.#to.desk.directory.agent(to);
    if (!agent) return;
    const others = ids.filter((id) => this.#to.desk.rows.get(id)?.assignee?.id !== to);
    this.#assignment(
      others,
      agent,
      (count) => this.#to.t('actions.done.assign', { count, name: agent.name }),
      (id) => this.#to.desk.commands.assign(id, to),
    );
  }

  unassign(ids: readonly string[]): void {
    this.#assignment(
      this.#fit('unassign', ids),
      null,
      (count) => this.#to.t('actions.done.unassign', { count }),
      (id) => this.#to.desk.commands.unassign(id),
    );
  }

  #assignment(
    ids: readonly string[],
    to: Schema<'AgentRefOut'> | null,
    said: (count: number) => string,
    ask: (id: string) => Promise<unknown>,
  ): void {
    const { commands } = this.#to.desk;
    void this.#run(ids, {
      said,
      ask,
      guess: (it) => ({ ...it, assignee: to }),
      back: {
        guess: (now, before) => ({ ...now, assignee: before.assignee ?? null }),
        ask: (before) =>
          before.assignee ? commands.assign(before.id, before.assignee.id) : commands.unassign(before.id),
      },
    });
  }

  snooze(ids: readonly string[], until: Date, said: string): void {
    const { t, desk } = this.#to;
    void this.#run(this.#fit('snooze', ids), {
      said: (count) => t('actions.done.snooze', { count, until: said }),
      guess: (it) => ({ ...it, status: 'snoozed', snoozed_until: until.toISOString() }),
      ask: (id) => desk.commands.snooze(id, until),
      back: this.#statusBack(),
      leaves: true,
    });
  }

  resolve(ids: readonly string[]): void {
    const { t, desk } = this.#to;
    void this.#run(this.#fit('resolve', ids), {
      said: (count) => t('actions.done.resolve', { count }),
      guess: (it) => ({ ...it, status: 'resolved', snoozed_until: null, unread: 0 }),
      ask: (id) => desk.commands.resolve(id),
      back: this.#statusBack(),
      leaves: true,
    });
  }

  reopen(ids: readonly string[]): void {
    const { t, desk } = this.#to;
    void this.#run(this.#fit('reopen', ids), {
      said: (count) => t('actions.done.reopen', { count }),
      guess: (it) => ({ ...it, status: 'open', snoozed_until: null, resolved_at: null }),
      ask: (id) => desk.commands.reopen(id),
      back: this.#statusBack(),
      leaves: true,
    });
  }

  /** The state before. That a conversation waited for the customer only his own answer can say: it is open then. */
  #statusBack(): Change['back'] {
    const { commands } = this.#to.desk;
    const isAhead = (until: string | null | undefined): until is string => !!until && Date.parse(until) > Date.now();
    return {
      guess: (now, { status, snoozed_until, unread }) => ({
        ...now,
        unread,
        snoozed_until: snoozed_until ?? null,
        status: status === 'waiting' ? 'open' : status,
      }),
      ask: async (before) => {
        if (before.status === 'resolved') await commands.resolve(before.id);
        else {
          await commands.reopen(before.id);
          if (before.status === 'snoozed' && isAhead(before.snoozed_until))
            await commands.snooze(before.id, new Date(before.snoozed_until));
        }
        if (before.unread > 0) await commands.markUnread(before.id);
      },
    };
  }

  markUnread(ids: readonly string[]): void {
    const { t, desk } = this.#to;
    void this.#run(this.#fit('unread', ids), {
      said: (count) => t('actions.done.unread', { count }),
      guess: (it) => ({ ...it, unread: 1 }),
      ask: (id) => desk.commands.markUnread(id),
      back: { guess: (now) => ({ ...now, unread: 0 }), ask: (before) => desk.commands.read(before.id) },
    });
  }

  /** Whether all of these have a label, some, or none. */
  labelled(ids: readonly string[], label: string): 'all' | 'some' | 'none' {
    const its = ids.flatMap((id) => this.#to.desk.rows.get(id) ?? []);
    const having = its.filter((it) => it.labels.some((one) => one.id === label)).length;
    return having === 0 ? 'none' : having === its.length ? 'all' : 'some';
  }

  /** Takes a label away where all have it; gives it to those that lack it otherwise. */
  toggleLabel(ids: readonly string[], label: Schema<'LabelRefOut'>): void {
    const { t, desk } = this.#to;
    const takes = this.labelled(ids, label.id) === 'all';
    const has = (it: Conversation): boolean => it.labels.some((one) => one.id === label.id);
    const put = (it: Conversation): Conversation => (has(it) ? it : { ...it, labels: [...it.labels, label] });
    const take = (it: Conversation): Conversation => ({
      ...it,
      labels: it.labels.filter((one) => one.id !== label.id),
    });
    const concerned = ids.filter((id) => {
      const it = desk.rows.get(id);
      return it !== null && has(it) === takes;
    });
    const give = (id: string): Promise<void> => desk.commands.putLabel(id, label.id);
    const remove = (id: string): Promise<void> => desk.commands.takeLabel(id, label.id);
    void this.#run(concerned, {
      said: (count) => t(takes ? 'actions.done.unlabel' : 'actions.done.label', { count, name: label.name }),
      guess: takes ? take : put,
      ask: takes ? remove : give,
      back: { guess: takes ? put : take, ask: (before) => (takes ? give : remove)(before.id) },
    });
  }

  get mayCreateLabels(): boolean {
    return this.#to.session.may('manage_labels');
  }

  async createLabel(ids: readonly string[], name: string, color: string): Promise<void> {
    try {
      const made: Label = await this.#to.api.ask((client) =>
        client.POST('/api/v1/labels', { body: { name: name.trim(), color } }),
      );
      this.toggleLabel(ids, { id: made.id, name: made.name, color: made.color });
    } catch (thrown) {
      this.tell(thrown);
    }
  }

  /** Agents who may own all of these: members of their inboxes, and those who see every inbox. */
  candidates(ids: readonly string[]): readonly Schema<'AgentRefOut'>[] {
    const inboxes = new Set(ids.flatMap((id) => this.#to.desk.rows.get(id)?.inbox.id ?? []));
    return this.#to.desk.directory.activeAgents.filter(
      ({ id, role }) => role !== 'agent' || [...inboxes].every((inbox) => this.#members.get(inbox)?.has(id) !== false),
    );
  }

  /** Learns who the members of the inboxes of these are. Until it is known, everybody is offered. */
  async learnMembers(ids: readonly string[]): Promise<void> {
    const inboxes = new Set(ids.flatMap((id) => this.#to.desk.rows.get(id)?.inbox.id ?? []));
    for (const inbox of inboxes) {
      const params = { path: { inbox } };
      try {
        const { agents } = await this.#to.api.ask((client) =>
          client.GET('/api/v1/inboxes/{inbox}/members', { params }),
        );
        this.#members = new Map([...this.#members, [inbox, new Set(agents)]]);
      } catch {
        // Everybody is offered then, and the server decides.
      }
    }
  }

  #fit(name: ActionName, ids: readonly string[]): readonly string[] {
    if (!this.#to.session.may('work_conversations')) return [];
    return ids.filter((id) => {
      const it = this.#to.desk.rows.get(id);
      return it !== null && this.#reason(name, it) === undefined;
    });
  }

  async #run(ids: readonly string[], change: Change): Promise<void> {
    const { desk, toasts, t } = this.#to;
    const befores = ids.flatMap((id) => desk.rows.get(id) ?? []);
    if (befores.length === 0) return;
    if (change.leaves) this.#to.onleave(ids);
    const reverts = new Map(befores.map((it) => [it.id, desk.rows.guess(it.id, change.guess)]));
    if (change.leaves) this.#to.onleft(ids);
    const asked = inLanes(befores, (it) => change.ask(it.id));
    // One key undoes one thing: the last.
    this.#dismiss?.();
    const undo = (): void => {
      this.#forget();
      dismiss();
      void this.#takeBack(befores, asked, change);
    };
    const dismiss = toasts.show(change.said(befores.length), {
      ms: UNDO_MS,
      action: { label: t('actions.undo'), keys: '$mod+z', run: undo },
    });
    this.#dismiss = dismiss;
    this.#remember(undo);
    const failures = await asked;
    if (failures.size === 0) return;
    for (const [id] of failures) reverts.get(id)?.();
    if (change.leaves) this.#to.onreturn([...failures.keys()]);
    if (failures.size === befores.length) {
      dismiss();
      // A later action may have taken its place.
      if (this.#undo === undo) this.#forget();
    }
    this.tell([...failures.values()][0], failures.size);
  }

  async #takeBack(
    befores: readonly Conversation[],
    asked: Promise<ReadonlyMap<string, unknown>>,
    change: Change,
  ): Promise<void> {
    const { desk } = this.#to;
    // The server must have heard of the first before it hears of the second.
    const refused = await asked;
    const done = befores.filter((it) => !refused.has(it.id));
    const reverts = new Map(
      done.map((before) => [before.id, desk.rows.guess(before.id, (now) => change.back.guess(now, before))]),
    );
    if (change.leaves) this.#to.onreturn(done.map(({ id }) => id));
    const failures = await inLanes(done, (it) => change.back.ask(it));
    for (const [id] of failures) reverts.get(id)?.();
    if (failures.size > 0) this.tell([...failures.values()][0], failures.size);
  }

  #remember(undo: () => void): void {
    clearTimeout(this.#timer);
    this.#undo = undo;
    this.#timer = setTimeout(() => this.#forget(), UNDO_MS);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#undo = null;
  }

  /** Says why something did not work. */
  tell(thrown: unknown, count = 1): void {
    const { t, language, toasts } = this.#to;
    const text = explain(language, toProblem(thrown)).text;
    toasts.show(count > 1 ? t('actions.failed', { count, text }) : text, { tone: 'danger' });
  }
}

/** Runs over rows, few at a time; gives what was thrown, by row. */
async function inLanes(
  its: readonly Conversation[],
  run: (it: Conversation) => Promise<unknown>,
): Promise<ReadonlyMap<string, unknown>> {
  const left = [...its].reverse();
  const failures = new Map<string, unknown>();
  const lane = async (): Promise<void> => {
    for (let it = left.pop(); it !== undefined; it = left.pop()) {
      try {
        await run(it);
      } catch (thrown) {
        failures.set(it.id, thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, its.length) }, lane));
  return failures;
}
