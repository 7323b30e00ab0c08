// The notes of one conversation, all of them: a thread holds only those beside the messages it has loaded.

import { toProblem, type Api, type Note, type Problem } from '$api/index';

const MOST = 100;

export class Notes {
  all = $state.raw<readonly Note[]>([]);
  isLoaded = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly conversation: string;
  readonly #api: Api;
  #turn = 0;

  constructor(api: Api, conversation: string) {
    this.#api = api;
    this.conversation = conversation;
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const params = { path: { conversation: this.conversation }, query: { limit: MOST } };
      const page = await this.#api.ask((client) =>
        client.GET('/api/v1/conversations/{conversation}/notes', { params }),
      );
      if (turn !== this.#turn) return;
      this.all = page.items;
      this.isLoaded = true;
      this.problem = null;
    } catch (thrown) {
      if (turn === this.#turn) this.problem = toProblem(thrown);
    }
  }
}
