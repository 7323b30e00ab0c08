// The pictures of the README: the bakery's morning, as Maria sees it. `npm run pictures` puts them beside the README.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogues, Demo, until, type Language } from './program';

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.startAtWork();
  await demo.api('PATCH', '/me/preferences', demo.agent('owner'), { first_minutes: { done: [], dismissed: true } });
});
afterAll(() => demo?.stop());

interface Found {
  readonly items: readonly { readonly id: string; readonly contact: { readonly name: string | null } }[];
}

async function conversationWith(name: string): Promise<string> {
  return await until(`${name} is listed`, async () => {
    const { items } = await demo.api<Found>('GET', '/conversations?limit=100', demo.agent('owner'));
    return items.find(({ contact }) => contact.name === name)?.id;
  });
}

const VIEWS = [
  ['readme-light', 'light', 'en'],
  ['readme-dark', 'dark', 'en'],
  ['readme-ro', 'light', 'ro'],
] as const satisfies readonly (readonly [string, 'light' | 'dark', Language])[];

test.each(VIEWS)('%s: a conversation among others, answered and read', async (name, theme, language) => {
  const page = await demo.window({ theme, language, width: 1440, height: 900 });
  await demo.signIn(page, demo.agent('owner'), language);
  await page.goto(`${demo.links.url}/inbox/all/${await conversationWith('Sophie Martin')}`);
  const thread = page.getByRole('log');
  await thread.getByText('240 lei').waitFor();
  await thread.getByText(catalogues[language].thread.status.read, { exact: true }).last().waitFor();
  await page.getByRole('option', { name: /Sophie Martin/ }).waitFor();
  expect(await page.getByRole('option').count()).toBeGreaterThan(7);
  await demo.shoot(page, name);
  await page.context().close();
});

test('readme-town: the phones of the town', async () => {
  const page = await demo.window({ width: 1440, height: 900 });
  await page.goto(`${demo.links.sandbox_url}/sandbox/#sophie`);
  await page.getByText('240 lei').first().waitFor();
  await demo.shoot(page, 'readme-town');
  await page.context().close();
});
