// Something that a button does: it is under way, it fails and says why, it succeeds and says so.
import { explain, fieldError, remainder, type Explained } from '$app/frame/problem';
import { toProblem, type Problem } from '$api/index';
import { i18n, type I18n } from '$i18n/i18n.svelte';
import { toasts, type Toasts } from '$ui/toasts.svelte';

export class Deed {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly #language: I18n;
  readonly #notes: Toasts;
  readonly #pointers: readonly string[];

  /** `pointers` are the values that have a field on the screen, where their problems are shown. */
  constructor(language: I18n, notes: Toasts, pointers: readonly string[] = []) {
    this.#language = language;
    this.#notes = notes;
    this.#pointers = pointers;
  }

  /** Whether it succeeded. */
  async run(task: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await task();
      if (done !== undefined) this.#notes.show(done, { tone: 'success' });
      return true;
    } catch (thrown) {
      this.problem = toProblem(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** As `run`, for a button without a form: what went wrong is told in a toast. */
  async try(task: () => Promise<unknown>, done?: string): Promise<boolean> {
    const isDone = await this.run(task, done);
    if (this.problem !== null)
      this.#notes.show(explain(this.#language, this.problem).text, { tone: 'danger', ms: 10_000 });
    return isDone;
  }

  forget(): void {
    this.problem = null;
  }

  /** What is wrong with the value of one field. */
  at(pointer: string): string | undefined {
    return fieldError(this.#language, this.problem, pointer);
  }

  /** What is wrong and stands at no field. */
  get rest(): Explained | undefined {
    return remainder(this.#language, this.problem, this.#pointers);
  }
}

/** Only while a component is made: it takes language and toasts from the context. */
export function deed(...pointers: readonly string[]): Deed {
  return new Deed(i18n(), toasts(), pointers);
}
