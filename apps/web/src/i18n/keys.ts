// Written by `npm run messages` from messages/en.json; not by hand.

export interface Messages {
  readonly 'app.badge': { readonly count: number };
  readonly 'app.name': undefined;
  readonly 'app.navigation': undefined;
  readonly 'app.skip': undefined;
  readonly 'app.titleCount': { readonly count: number; readonly title: string | number };
  readonly 'cheatSheet.group': undefined;
  readonly 'cheatSheet.open': undefined;
  readonly 'cheatSheet.search': undefined;
  readonly 'cheatSheet.title': undefined;
  readonly 'failure.load': undefined;
  readonly 'failure.text': undefined;
  readonly 'failure.title': undefined;
  readonly 'notFound.back': undefined;
  readonly 'notFound.text': undefined;
  readonly 'notFound.title': undefined;
  readonly 'palette.back': undefined;
  readonly 'palette.commands': undefined;
  readonly 'palette.open': undefined;
  readonly 'palette.placeholder': undefined;
  readonly 'palette.recent': undefined;
  readonly 'palette.results': { readonly count: number };
  readonly 'palette.title': undefined;
  readonly 'start.lead': undefined;
  readonly 'start.nav': undefined;
  readonly 'start.title': undefined;
  readonly 'words.cancel': undefined;
  readonly 'words.choose': undefined;
  readonly 'words.clear': undefined;
  readonly 'words.close': undefined;
  readonly 'words.copied': undefined;
  readonly 'words.copy': undefined;
  readonly 'words.dismiss': undefined;
  readonly 'words.loading': undefined;
  readonly 'words.noResults': undefined;
  readonly 'words.notifications': undefined;
  readonly 'words.or': undefined;
  readonly 'words.remove': undefined;
  readonly 'words.resize': undefined;
  readonly 'words.retry': undefined;
  readonly 'words.then': undefined;
}
