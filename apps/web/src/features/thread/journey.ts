// The journey of a message, step by step, with what each step knows. Pure.

import type { Schema } from '$api/index';

type Trace = Schema<'TraceOut'>;
export type Part = Schema<'StepPart'>;

export interface Step {
  at: string;
  /** Milliseconds since the step before; none for the first. */
  since: number | null;
  part: Part;
  /** The state that was reached, or the kind of the fact. */
  what: string;
  isBad: boolean;
  /** What else is known, as it would be copied: names and ids. */
  facts: readonly string[];
  error: Schema<'ErrorOut'> | null;
}

const BAD = new Set(['failed', 'uncertain', 'dead', 'rejected', 'message_needs_decision']);

export function stepsOf(trace: Trace): Step[] {
  return trace.steps.map((step, at) => {
    const before = trace.steps[at - 1];
    const { facts, error } = known(trace, step);
    return {
      at: step.at,
      since: before === undefined ? null : Date.parse(step.at) - Date.parse(before.at),
      part: step.part,
      what: step.what,
      isBad: BAD.has(step.what) || error !== null,
      facts,
      error,
    };
  });
}

function known(trace: Trace, { part, reference, what }: Schema<'StepOut'>): Pick<Step, 'facts' | 'error'> {
  const list = (...facts: (string | null | undefined)[]): string[] => facts.filter((fact) => Boolean(fact)) as string[];
  switch (part) {
    case 'receipt':
      return { facts: list(reference, trace.receipt && `${trace.receipt.size_bytes} B`), error: null };
    case 'job': {
      const job = trace.jobs.find((one) => one.id === reference);
      return { facts: list(job?.kind, job && `× ${job.attempts}`, job?.last_error), error: null };
    }
    case 'attempt': {
      const attempt = trace.attempts.find((one) => String(one.n) === reference);
      const isOver = what !== 'started';
      return {
        facts: list(`# ${reference}`, isOver ? attempt?.upstream_id : null, isOver ? attempt?.detail : null),
        error: isOver ? (attempt?.error ?? null) : null,
      };
    }
    case 'event': {
      const event = trace.events.find((one) => String(one.seq) === reference);
      return { facts: list(event?.actor.name ?? event?.actor.kind, `# ${reference}`), error: null };
    }
    case 'status': {
      const status = trace.statuses[Number(reference)] ?? trace.statuses.find((one) => one.status === what);
      return { facts: list(status?.detail, status?.receipt), error: status?.error ?? null };
    }
  }
}

/** The whole journey as plain lines, for a ticket or a colleague. Never the text of the message. */
export function textOf(trace: Trace): string {
  const head = [`message ${trace.message}`, `trace ${trace.trace}`];
  const lines = stepsOf(trace).map(({ at, since, part, what, facts, error }) => {
    const passed = since === null ? '' : `+${since} ms`;
    const code = error === null ? [] : [`error ${error.code}`];
    return [at, passed.padStart(10), part.padEnd(8), what, ...facts, ...code].join('  ');
  });
  return [...head, ...lines].join('\n');
}
