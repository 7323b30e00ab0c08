// What the doctor found, in the words of the person. The server names what it looked at and how it stands; of an inbox
// the screens know more than its line says: its name, and what was last seen of it.
import type { Inbox, Schema } from '$api/index';
import type { I18n, PlainKey } from '$i18n/i18n.svelte';

type Finding = Schema<'Finding'>;
type Condition = Schema<'Condition'>;
type Says = Readonly<Partial<Record<Condition, PlainKey>>>;

interface Check {
  readonly title: PlainKey;
  readonly says: Says;
  readonly remedy: PlainKey;
}

export interface Told {
  readonly title: string;
  /** Which one of several. */
  readonly inbox: Inbox | undefined;
  readonly text: string | undefined;
  readonly remedy: string | undefined;
  /** What the server says of it, in English: for whoever helps, or where no words of ours fit. */
  readonly detail: string | undefined;
}

/** A newer server may look at more; that is shown as the server calls it. */
const CHECKS: Readonly<Record<string, Check>> = {
  database: {
    title: 'doctor.check.database',
    says: { fine: 'doctor.says.database.fine', broken: 'doctor.says.database.broken' },
    remedy: 'doctor.do.database',
  },
  schema: {
    title: 'doctor.check.schema',
    says: { fine: 'doctor.says.schema.fine', broken: 'doctor.says.schema.broken' },
    remedy: 'doctor.do.schema',
  },
  disk_space: {
    title: 'doctor.check.diskSpace',
    says: {
      fine: 'doctor.says.diskSpace.fine',
      warning: 'doctor.says.diskSpace.warning',
      broken: 'doctor.says.diskSpace.broken',
    },
    remedy: 'doctor.do.diskSpace',
  },
  clock: {
    title: 'doctor.check.clock',
    says: { fine: 'doctor.says.clock.fine', warning: 'doctor.says.clock.warning' },
    remedy: 'doctor.do.clock',
  },
  receipts: {
    title: 'doctor.check.receipts',
    says: {
      fine: 'doctor.says.receipts.fine',
      warning: 'doctor.says.receipts.warning',
      broken: 'doctor.says.receipts.broken',
    },
    remedy: 'doctor.do.receipts',
  },
  queue_age: {
    title: 'doctor.check.queueAge',
    says: {
      fine: 'doctor.says.queueAge.fine',
      warning: 'doctor.says.queueAge.warning',
      broken: 'doctor.says.queueAge.broken',
    },
    remedy: 'doctor.do.queueAge',
  },
  dead_jobs: {
    title: 'doctor.check.deadJobs',
    says: { fine: 'doctor.says.deadJobs.fine', warning: 'doctor.says.deadJobs.warning' },
    remedy: 'doctor.do.deadJobs',
  },
  inboxes: {
    title: 'doctor.check.inboxes',
    says: { warning: 'doctor.says.inboxes.warning' },
    remedy: 'doctor.do.inboxes',
  },
};

export function tell(
  { t }: Pick<I18n, 't'>,
  finding: Finding,
  inboxes: ReadonlyMap<string, Inbox>,
  relative: (at: Date) => string,
): Told {
  const { check, condition, seen, remedy } = finding;
  const known = CHECKS[check];
  const title = known ? t(known.title) : check.replaceAll('_', ' ');
  const inbox = inboxes.get(inboxOf(finding.said) ?? '');
  if (inbox) return { title, inbox, ...ofInbox(t, inbox, condition, relative), detail: undefined };
  const says = known?.says[condition];
  return {
    title,
    inbox: undefined,
    text: says && t(says),
    remedy: condition === 'fine' ? undefined : says ? t(known.remedy) : remedy,
    detail: condition === 'fine' && says ? undefined : seen,
  };
}

function inboxOf(said: Finding['said']): string | undefined {
  return 'params' in said && 'inbox' in said.params ? said.params.inbox : undefined;
}

function ofInbox(
  t: I18n['t'],
  { health }: Inbox,
  condition: Condition,
  relative: (at: Date) => string,
): Pick<Told, 'text' | 'remedy'> {
  // The report is newer than what is known of the inbox: the condition decides.
  const heard = health.last_inbound_at;
  switch (condition) {
    case 'broken':
      return heard || health.forged_webhooks === 0 || health.credential_problem
        ? { text: t('doctor.inbox.refused'), remedy: t('doctor.do.inbox.refused') }
        : {
            text: t('doctor.inbox.forged', { count: health.forged_webhooks }),
            remedy: t('doctor.do.inbox.forged'),
          };
    case 'warning':
      return health.last_problem
        ? {
            text: t('doctor.inbox.trouble', { what: health.last_problem.detail }),
            remedy: t('doctor.do.inbox.trouble'),
          }
        : { text: t('doctor.inbox.silent'), remedy: t('doctor.do.inbox.silent') };
    case 'fine':
      return {
        text: heard ? t('doctor.inbox.heard', { at: relative(new Date(heard)) }) : undefined,
        remedy: undefined,
      };
  }
}
