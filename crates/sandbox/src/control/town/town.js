// The town on screen: people, their phones, the weather. It knows the calls under /sandbox/ and nothing else.
// Whatever people wrote goes into the page as text, never as markup.

const WORDS = {
  en: {
    title: 'The town', skip: 'To the phones', agents: 'The business’s screen', language: 'Language', weather: 'Weather',
    people: 'People', search: 'Search people', newCustomer: 'New customer', phones: 'Phones',
    emptyTitle: 'Good morning, town.',
    emptyText: 'Choose somebody: their phone opens here. Write as they would, and watch what the business sees.',
    weatherNote: 'What goes wrong between the platform and the business.', clear: 'Clear all',
    errorsA: 'Errors for', errorsB: 'calls', start: 'Start', clock: 'The town’s clock', hour: '+1 hour',
    day: '+1 day', clockNote: 'A day later the 24-hour window of every chat is closed.',
    ledger: 'What really happened', calls: 'The calls for programs', name: 'Name', number: 'Number',
    numberHint: 'Empty: the town chooses one.', visible: 'The business sees the number', speaks: 'Speaks',
    cancel: 'Cancel', moveIn: 'Move in', hidden: 'number hidden', online: 'online', offline: 'offline',
    blocked: 'blocked', close: n => `Close ${n}’s phone`, phoneOf: n => `${n}’s phone`, isOnline: 'Online',
    reads: 'Read receipts', blocks: 'Blocks', typing: 'typing…', business: 'business account', write: 'Message',
    send: 'Send', attach: 'Attach', today: 'Today', yesterday: 'Yesterday', reply: 'Reply', react: 'React',
    replyingTo: 'Reply to', you: 'You', stop: 'Remove the quote', photo: 'Photo or video', sample: 'A sample photo',
    voice: 'Record a voice note', tone: 'A hummed voice note', document: 'Document', place: 'Location',
    card: 'A contact', recording: 'Recording… press again to send', isOffline: n => `${n}’s phone is offline.`,
    waiting: n => n === 1 ? '1 message waits for it.' : `${n} messages wait for it.`, goOnline: 'Go online',
    isBlocking: n => `${n} blocks this number.`, unblock: 'Unblock', markRead: n => n === 1 ? '1 message unread. Read it' : `${n} messages unread. Read them`,
    hello: n => `${n} has not written yet. Try one of these:`, noOne: 'Nobody by that name lives here.',
    more: (a, b) => `${a} of ${b} people; those with news come first.`, unread: n => n === 1 ? '1 new message' : `${n} new messages`,
    arrived: (n, t) => `To ${n}: ${t}`, lost: 'The town does not answer. Trying again…', newBelow: 'New messages ↓',
    failed: 'That did not work.', none: 'Nothing yet. Say hello from a phone.', pending: n => `${n} under way`,
    image: 'Photo', video: 'Video', audio: 'Voice note', sticker: 'Sticker', location: 'Location', contacts: 'Contact',
    interactive: 'Choice', template: 'Template', reaction: 'Reaction', unsupported: 'Something this phone cannot show', file: 'Document',
    elsewhere: h => `on ${h}`, choose: 'Choose', line: 'Chat with', emoji: e => `React with ${e}`, sendPlace: 'Send location',
    left: (a, b) => `${a} of ${b} still to come`, end: 'End', noWrites: 'You can only look until then.', quoted: 'Quoted message',
    s_sent: 'Sent', s_delivered: 'Delivered', s_read: 'Read', fits: 'The file is larger than 16 MB.',
    faults: {
      latency: ['Slow', 'Every answer takes 3 seconds.'], throttle: ['Too many calls', 'The platform refuses and asks to slow down.'],
      cut_before_accept: ['Cut before acceptance', 'The line breaks before a message is accepted.'],
      cut_after_accept: ['Cut after acceptance', 'Accepted, but the answer never comes back.'],
      webhook_duplicate: ['News twice', 'Every webhook arrives two times.'], webhook_delay: ['News late', 'Webhooks take 5 seconds.'],
      webhook_lose_first: ['News lost', 'First try is lost, the platform tries again.'],
      token_revoked: ['Token revoked', 'The business is locked out.'],
    },
    kinds: { call: 'Business calls', webhook: 'Webhook', handshake: 'Handshake', customer: 'Customer', phone: 'Phone' },
    outcomes: {
      accepted: 'accepted', refused: 'refused', cut_before_accept: 'cut before', cut_after_accept: 'cut after', hang: 'no answer',
      malformed_answer: 'garbled', delivered: 'delivered', failed: 'failed', lost: 'lost', dropped: 'dropped',
      no_callback: 'nobody listens', expired: 'expired', too_large: 'too large', blocked: 'blocked', reached: 'arrived', verified: 'verified',
    },
    first: 'Sample contact',
  },
  ro: {
    title: 'Orașul', skip: 'La telefoane', agents: 'Ecranul firmei', language: 'Limba', weather: 'Vremea',
    people: 'Oameni', search: 'Caută oameni', newCustomer: 'Client nou', phones: 'Telefoane',
    emptyTitle: 'Bună dimineața, oraș.',
    emptyText: 'Alege pe cineva: telefonul lui se deschide aici. Scrie ca un client și privește ce vede firma.',
    weatherNote: 'Ce nu merge între platformă și firmă.', clear: 'Oprește tot',
    errorsA: 'Erori la', errorsB: 'apeluri', start: 'Pornește', clock: 'Ceasul orașului', hour: '+1 oră',
    day: '+1 zi', clockNote: 'După o zi, fereastra de 24 de ore a fiecărei conversații e închisă.',
    ledger: 'Ce s-a întâmplat de fapt', calls: 'Apelurile pentru programe', name: 'Nume', number: 'Număr',
    numberHint: 'Gol: orașul alege unul.', visible: 'Firma vede numărul', speaks: 'Vorbește',
    cancel: 'Renunță', moveIn: 'Se mută aici', hidden: 'număr ascuns', online: 'conectat', offline: 'deconectat',
    blocked: 'a blocat', close: n => `Închide telefonul: ${n}`, phoneOf: n => `Telefonul: ${n}`, isOnline: 'Conectat',
    reads: 'Arată citirea', blocks: 'Blochează', typing: 'scrie…', business: 'cont de firmă', write: 'Mesaj',
    send: 'Trimite', attach: 'Atașează', today: 'Astăzi', yesterday: 'Ieri', reply: 'Răspunde', react: 'Reacționează',
    replyingTo: 'Răspuns la', you: 'Tu', stop: 'Renunță la citat', photo: 'Fotografie sau video', sample: 'O fotografie de probă',
    voice: 'Înregistrează un mesaj vocal', tone: 'Un mesaj vocal fredonat', document: 'Document', place: 'Locație',
    card: 'Un contact', recording: 'Se înregistrează… apasă din nou ca să trimiți', isOffline: n => `Telefonul lui ${n} e deconectat.`,
    waiting: n => count(n, 'Un mesaj îl așteaptă.', `${n} mesaje îl așteaptă.`, `${n} de mesaje îl așteaptă.`), goOnline: 'Conectează',
    isBlocking: n => `${n} blochează acest număr.`, unblock: 'Deblochează',
    markRead: n => count(n, 'Un mesaj necitit. Citește-l', `${n} mesaje necitite. Citește-le`, `${n} de mesaje necitite. Citește-le`),
    hello: n => `${n} nu a scris încă. Încearcă una dintre acestea:`, noOne: 'Nimeni cu numele acesta nu locuiește aici.',
    more: (a, b) => `${a} din ${b} oameni; întâi cei cu noutăți.`, unread: n => count(n, 'Un mesaj nou', `${n} mesaje noi`, `${n} de mesaje noi`),
    arrived: (n, t) => `Către ${n}: ${t}`, lost: 'Orașul nu răspunde. Încercăm din nou…', newBelow: 'Mesaje noi ↓',
    failed: 'Nu a mers.', none: 'Încă nimic. Salută de pe un telefon.', pending: n => `${n} pe drum`,
    image: 'Fotografie', video: 'Video', audio: 'Mesaj vocal', sticker: 'Abțibild', location: 'Locație', contacts: 'Contact',
    interactive: 'Alegere', template: 'Șablon', reaction: 'Reacție', unsupported: 'Ceva ce telefonul nu poate arăta', file: 'Document',
    elsewhere: h => `pe ${h}`, choose: 'Alege', line: 'Conversație cu', emoji: e => `Reacționează cu ${e}`, sendPlace: 'Trimite locația',
    left: (a, b) => `mai urmează ${a} din ${b}`, end: 'Oprește', noWrites: 'Până atunci poți doar să privești.', quoted: 'Mesaj citat',
    s_sent: 'Trimis', s_delivered: 'Livrat', s_read: 'Citit', fits: 'Fișierul e mai mare de 16 MB.',
    faults: {
      latency: ['Încet', 'Fiecare răspuns durează 3 secunde.'], throttle: ['Prea multe apeluri', 'Platforma refuză și cere răbdare.'],
      cut_before_accept: ['Întrerupt înainte de acceptare', 'Linia cade înainte ca mesajul să fie acceptat.'],
      cut_after_accept: ['Întrerupt după acceptare', 'Acceptat, dar răspunsul nu se mai întoarce.'],
      webhook_duplicate: ['Vești de două ori', 'Fiecare webhook ajunge de două ori.'], webhook_delay: ['Vești târzii', 'Webhookurile durează 5 secunde.'],
      webhook_lose_first: ['Vești pierdute', 'Prima încercare se pierde, platforma repetă.'],
      token_revoked: ['Acces retras', 'Firma nu mai are voie.'],
    },
    kinds: { call: 'Firma cheamă', webhook: 'Webhook', handshake: 'Verificare', customer: 'Client', phone: 'Telefon' },
    outcomes: {
      accepted: 'acceptat', refused: 'refuzat', cut_before_accept: 'întrerupt înainte', cut_after_accept: 'întrerupt după', hang: 'fără răspuns',
      malformed_answer: 'neclar', delivered: 'livrat', failed: 'nereușit', lost: 'pierdut', dropped: 'aruncat',
      no_callback: 'nu ascultă nimeni', expired: 'expirat', too_large: 'prea mare', blocked: 'blocat', reached: 'a ajuns', verified: 'verificat',
    },
    first: 'Contact de probă',
  },
};
// Openers in the customer's language, not the screen's.
const OPENERS = {
  ro: ['Bună ziua! Mai aveți pâine cu maia?', 'La ce oră deschideți mâine?', 'Aș vrea un tort pentru sâmbătă.'],
  en: ['Hi! Any sourdough left today?', 'When do you open tomorrow?', 'I would like a cake for Saturday.'],
};
const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const FAULTS = {
  latency: { ms: 3000 }, throttle: {}, cut_before_accept: { path_contains: '/messages' },
  cut_after_accept: { path_contains: '/messages' }, webhook_duplicate: { times: 1 }, webhook_delay: { ms: 5000 },
  webhook_lose_first: { n: 1 }, token_revoked: {},
};
const SHOWN = 200;
const FILE_LIMIT = 16 * 1024 * 1024;

function count(n, one, few, other) {
  return { one, few, other }[new Intl.PluralRules('ro').select(n)] ?? other;
}

// What is remembered may be forbidden; then it is forgotten with the page.
const memory = {
  get(key) { try { return localStorage.getItem(`town-${key}`); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(`town-${key}`, value); } catch { /* only remembered for now */ } },
};

const $ = id => document.getElementById(id);
let language = memory.get('language') ?? (navigator.language.startsWith('ro') ? 'ro' : 'en');
let words = WORDS[language] ?? WORDS.en;

const town = {
  version: 0, people: new Map(), typing: {}, numbers: [], faults: [], total: 0,
  ledger: [], ledgerLast: -1, skewMs: 0, isLost: false, seen: new Map(), isLoaded: false,
};
const phones = new Map();

// ---- small tools ----

/** An element with properties, and children that are nodes or text. */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name in node && typeof value !== 'string') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

function icon(path, className = 'icon') {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}
const PATHS = {
  send: 'M2.500 17.500 18 10 2.500 2.500v5.800L13 10 2.500 11.700z', plus: 'M9 3h2v6h6v2h-6v6H9v-6H3V9h6z',
  reply: 'M8 4 2 10l6 6v-4c5 0 8 1.500 10 4.500C17.500 11 14 8 8 8z', close: 'm5.300 4 4.700 4.700L14.700 4 16 5.300 11.300 10l4.700 4.700-1.300 1.300L10 11.300 5.300 16 4 14.700 8.700 10 4 5.300z',
  face: 'M10 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 1.600a6.400 6.400 0 1 0 0 12.800 6.400 6.400 0 0 0 0-12.800zM7.300 7a1.200 1.200 0 1 1 0 2.400A1.200 1.200 0 0 1 7.300 7zm5.400 0a1.200 1.200 0 1 1 0 2.400 1.200 1.200 0 0 1 0-2.400zM6 11.500h8a4 4 0 0 1-8 0z',
  mic: 'M10 2a2.600 2.600 0 0 1 2.600 2.600v5a2.600 2.600 0 0 1-5.200 0v-5A2.600 2.600 0 0 1 10 2zM4.800 9.500h1.600a3.600 3.600 0 0 0 7.200 0h1.600a5.200 5.200 0 0 1-4.400 5.100V18H9.200v-3.400a5.200 5.200 0 0 1-4.400-5.100z',
  pin: 'M10 2a6 6 0 0 1 6 6c0 4-6 10-6 10S4 12 4 8a6 6 0 0 1 6-6zm0 3.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
  doc: 'M5 2h7l4 4v12H5zm6 1.500V7h3.500z', back: 'M12.500 4 14 5.400 9.300 10l4.700 4.600-1.500 1.400-6-6z',
  loaf: 'M2 11.500C2 7.500 5.500 5 10 5s8 2.500 8 6.500c0 1-.800 1.500-1.500 1.500v1.500c0 .600-.400 1-1 1h-11c-.600 0-1-.400-1-1V13C2.800 13 2 12.500 2 11.500zM6.200 8.300l1.600 2.900h1.300L7.500 7.800zm3.300-.800 1.600 2.900h1.300l-1.600-3zm3.300.100 1.400 2.600h1.300L14 8.200z',
  signal: 'M2 13h3v4H2zm4.500-3h3v7h-3zM11 7h3v10h-3zm4.500-4h3v14h-3z', battery: 'M2 6h14v8H2zm15 2.500h1.500v3H17zM3.500 7.500v5h9v-5z',
  plane: 'M18 11.500 11.500 8V3.500a1.500 1.500 0 0 0-3 0V8L2 11.500V13l6.500-1.800v4l-2 1.400V18l3.500-1 3.500 1v-1.400l-2-1.400v-4L18 13z',
};

const one = 'm1.500 8.200 3.200 3.300L11 4.500';
const two = 'm1.500 8.200 3.200 3.300L11 4.500M7.600 10.800l.8.700L14.800 4.500';

/** One tick, two, or two blue ones. */
function ticks(message) {
  const status = message.read_by_business ? 'read' : message.status === 'sent' ? 'sent' : 'delivered';
  const svg = icon(status === 'sent' ? one : two, `ticks ${status}`);
  svg.setAttribute('viewBox', '0 0 16 16');
  return el('span', { title: words[`s_${status}`] }, svg, el('span', { class: 'unseen' }, words[`s_${status}`]));
}

const fold = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const initials = name => name.split(/\s+/u).slice(0, 2).map(part => [...part][0] ?? '').join('').toUpperCase();
const hue = id => [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 8, 7);
const now = () => Date.now() + town.skewMs;
const time = ms => new Date(ms).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const firstName = person => person.name.split(' ')[0];
const isBlocking = (person, line) => person.blocked === true || (Array.isArray(person.blocked) && (line ? person.blocked.includes(line) : person.blocked.length > 0));
const avatar = person => el('span', { class: `avatar hue${hue(person.id)}`, 'aria-hidden': 'true' }, initials(person.name));

function dayOf(ms) {
  const day = new Date(ms).toDateString();
  if (day === new Date(now()).toDateString()) return words.today;
  if (day === new Date(now() - 86_400_000).toDateString()) return words.yesterday;
  return new Date(ms).toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long' });
}

async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { 'content-type': 'application/json' };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(`/sandbox/${path}`, options);
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error?.message ?? `${answer.status}`);
  return value;
}

/** A call that somebody asked for: what went wrong is said, and the screen follows at once. */
async function act(method, path, body) {
  try {
    const value = await call(method, path, body);
    poke();
    return value;
  } catch (error) {
    toast(error instanceof TypeError ? words.lost : `${words.failed} ${error.message}`);
    return null;
  }
}

function toast(text) {
  const node = el('div', { class: 'toast' }, text);
  $('toasts').replaceChildren(node);
  setTimeout(() => node.remove(), 6000);
}

// ---- the pulse ----

let timer = 0;
let isBeating = false;
let isWanted = false;

function poke() {
  clearTimeout(timer);
  if (isBeating) { isWanted = true; return; }
  beat();
}

async function beat() {
  isBeating = true;
  isWanted = false;
  try {
    const pulse = await call('GET', `pulse?since=${town.version}`);
    await take(pulse);
    setLost(false);
  } catch {
    // The town may come back as another one.
    town.version = 0;
    setLost(true);
  }
  isBeating = false;
  if (document.hidden) return;
  timer = setTimeout(beat, isWanted ? 0 : town.isLost ? 3000 : 1000);
}

function setLost(isLost) {
  town.isLost = isLost;
  const text = isLost ? words.lost : '';
  if ($('offline').textContent !== text) $('offline').textContent = text;
  $('offline').hidden = !isLost;
}

async function take(pulse) {
  if (pulse.whole) town.people.clear();
  for (const person of pulse.people) {
    town.people.set(person.id, person);
    if (!town.seen.has(person.id) && (!town.isLoaded || person.reached === 0)) town.seen.set(person.id, person.reached);
    // A town that began again counts from zero.
    if ((town.seen.get(person.id) ?? 0) > person.reached) town.seen.set(person.id, person.reached);
  }
  town.version = pulse.version;
  town.total = pulse.people_count;
  town.typing = pulse.typing;
  town.numbers = pulse.numbers;
  town.skewMs = pulse.now_ms - Date.now();
  town.isLoaded = true;
  $('pending').textContent = pulse.webhooks_pending ? words.pending(pulse.webhooks_pending) : '';
  showBusiness(pulse.business_url);
  showFaults(pulse.faults);
  followAddress();
  await Promise.all([...phones.values()].map(phone => phone.follow()));
  showPeople();
  showClock();
  if (pulse.ledger_last !== town.ledgerLast) await readLedger(pulse.ledger_last);
}

// ---- people ----

const unreadOf = person => Math.max(0, person.reached - (town.seen.get(person.id) ?? 0));
const rows = new Map();

function preview(person) {
  if (town.typing[person.id]) return words.typing;
  const newest = person.newest;
  if (!newest) return '';
  const kind = newest.type === 'document' ? words.file : words[newest.type];
  const text = newest.body ?? (typeof kind === 'string' ? kind : words.unsupported);
  return newest.from === 'customer' ? `${words.you}: ${text}` : text;
}

function showPeople() {
  const wanted = fold($('search').value.trim());
  const list = [...town.people.values()]
    .filter(person => !wanted || fold(`${person.name} ${person.phone} ${person.username ?? ''}`).includes(wanted))
    .sort((a, b) => (b.newest?.timestamp ?? 0) - (a.newest?.timestamp ?? 0) || a.name.localeCompare(b.name, language));
  const shown = list.slice(0, SHOWN);
  for (const person of shown) showPerson(person);
  // Moving a node takes its focus away, so only what is out of place moves.
  const ids = new Set(shown.map(person => person.id));
  for (const [id, row] of rows) if (!ids.has(id)) { row.item.remove(); rows.delete(id); }
  const focused = document.activeElement;
  shown.forEach((person, index) => {
    const { item } = rows.get(person.id);
    if ($('people').children[index] !== item) $('people').insertBefore(item, $('people').children[index] ?? null);
  });
  if (focused !== document.activeElement && $('people').contains(focused)) focused.focus({ preventScroll: true });
  const note = !list.length && town.isLoaded ? words.noOne : town.total > shown.length && !wanted ? words.more(shown.length, town.total) : '';
  $('people-note').textContent = note;
  $('people-note').hidden = !note;
  const unread = [...town.people.values()].reduce((sum, person) => sum + unreadOf(person), 0);
  document.title = unread ? `(${unread}) ${words.title}` : words.title;
}

function showPerson(person) {
  const unread = unreadOf(person);
  const state = isBlocking(person) ? 'blocked' : person.online ? 'online' : 'offline';
  const about = person.phone_visible ? person.phone : words.hidden;
  const when = person.newest ? (dayOf(person.newest.timestamp * 1000) === words.today ? time(person.newest.timestamp * 1000)
    : new Date(person.newest.timestamp * 1000).toLocaleDateString(language, { day: 'numeric', month: 'short' })) : '';
  const signature = JSON.stringify([language, person.name, about, state, unread, preview(person), when, phones.has(person.id), Boolean(town.typing[person.id])]);
  let row = rows.get(person.id);
  if (row?.signature === signature) return;
  if (!row) {
    const button = el('button', { type: 'button', class: 'person', onclick: () => toggle(person.id) });
    row = { item: el('li', {}, button), button, signature: '' };
    rows.set(person.id, row);
  }
  row.signature = signature;
  row.button.setAttribute('aria-pressed', String(phones.has(person.id)));
  const face = avatar(person);
  face.append(el('i', { class: `state ${state}` }));
  row.button.replaceChildren(
    face,
    el('span', { class: 'who' },
      el('span', { class: 'line' }, el('b', {}, person.name), el('time', {}, when)),
      el('span', { class: 'line small' }, el('span', {}, about), state !== 'online' && el('em', { class: state }, words[state])),
      el('span', { class: 'line' }, el('span', { class: town.typing[person.id] ? 'preview live' : 'preview' }, preview(person)),
        unread > 0 && el('strong', { class: 'badge', title: words.unread(unread) }, unread > 99 ? '99+' : String(unread), el('span', { class: 'unseen' }, ` ${words.unread(unread)}`)))),
    el('span', { class: 'unseen' }, state === 'online' ? `, ${words.online}` : ''));
}

// ---- which phones are open ----

const openInAddress = () => location.hash.slice(1).split(',').filter(Boolean).map(part => { try { return decodeURIComponent(part); } catch { return ''; } }).filter(id => town.people.has(id));
const isNarrow = () => matchMedia('(max-width: 759px)').matches;

function setAddress(ids) {
  const hash = ids.map(encodeURIComponent).join(',');
  history.replaceState(null, '', hash ? `#${hash}` : location.pathname);
  followAddress();
  showPeople();
}

function toggle(id) {
  const open = [...phones.keys()];
  if (open.includes(id)) {
    if (isNarrow()) return;
    phones.get(id).focus();
    return;
  }
  const room = isNarrow() ? 1 : Math.max(1, Math.floor(($('phones').clientWidth - 16) / 336));
  setAddress([...open, id].slice(-room));
  phones.get(id)?.follow().then(() => phones.get(id)?.focus());
}

function followAddress() {
  if (!town.isLoaded) return;
  const wanted = new Set(openInAddress());
  for (const [id, phone] of phones) {
    if (wanted.has(id)) continue;
    phone.node.remove();
    phones.delete(id);
  }
  for (const id of wanted) {
    if (phones.has(id)) continue;
    const phone = new Phone(id);
    phones.set(id, phone);
    $('phones').append(phone.node);
    phone.follow();
  }
  $('empty').hidden = phones.size > 0;
  document.body.classList.toggle('has-phone', phones.size > 0);
  if (!phones.size && !$('suggested').children.length) {
    const few = [...town.people.values()].sort((a, b) => (b.newest?.timestamp ?? 0) - (a.newest?.timestamp ?? 0)).slice(0, 3);
    $('suggested').replaceChildren(...few.map(person => el('button', { type: 'button', class: 'pill', onclick: () => toggle(person.id) }, avatar(person), firstName(person))));
  }
}

// ---- one phone ----

class Phone {
  constructor(id) {
    this.id = id;
    this.line = null;
    this.changed = -1;
    this.nodes = new Map();
    this.messages = [];
    this.quote = null;
    this.known = null;
    this.isFollowing = false;
    this.build();
  }

  get person() { return town.people.get(this.id); }

  build() {
    const { person } = this;
    const change = patch => act('PATCH', `customers/${encodeURIComponent(this.id)}`, patch);
    this.label = el('h2', {});
    this.about = el('span', { class: 'small' });
    this.isOnline = this.flip(() => words.isOnline, on => change({ online: on }));
    this.reads = this.flip(() => words.reads, on => change({ reads: on }));
    this.blocks = this.flip(() => words.blocks, on => change({ blocked: on }));
    this.closeButton = el('button', { type: 'button', class: 'round quiet', onclick: () => this.close() }, icon(PATHS.close));
    this.backButton = el('button', { type: 'button', class: 'round quiet back', onclick: () => this.close() }, icon(PATHS.back));
    this.bar = el('div', { class: 'bar', 'aria-hidden': 'true' });
    this.lines = el('select', { onchange: () => { this.line = this.lines.value; this.reset(); this.follow(); } });
    this.lineName = el('b', {});
    this.lineState = el('small', {});
    this.chat = el('div', { class: 'chat', tabindex: '0', role: 'group' });
    this.banner = el('div', { class: 'banner' });
    this.pill = el('button', { type: 'button', class: 'below', hidden: true, onclick: () => this.toEnd() });
    this.quoteBox = el('div', { class: 'quoting', hidden: true });
    this.input = el('textarea', { rows: '1', maxlength: '4096', onkeydown: event => this.key(event), oninput: () => this.grow() });
    this.file = el('input', { type: 'file', hidden: true, onchange: () => this.sendFile() });
    this.menu = el('div', { class: 'menu', role: 'menu', hidden: true, onkeydown: event => this.menuKey(event) });
    this.attach = el('button', { type: 'button', class: 'round quiet', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => this.toggleMenu() }, icon(PATHS.plus));
    this.sendButton = el('button', { type: 'submit', class: 'round go' }, icon(PATHS.send));
    this.composer = el('form', { class: 'composer', onsubmit: event => { event.preventDefault(); this.send(); } }, this.attach, this.input, this.sendButton, this.file);
    this.chat.addEventListener('scroll', () => { if (this.isAtEnd()) this.pill.hidden = true; });
    this.node = el('article', { class: 'card', tabindex: '-1' },
      el('div', { class: 'card-head' }, this.backButton, avatar(person), el('div', { class: 'who' }, this.label, this.about), this.closeButton),
      el('div', { class: 'flips' }, this.isOnline, this.reads, this.blocks),
      el('div', { class: 'phone' },
        this.bar,
        el('div', { class: 'line-head' }, el('span', { class: 'loaf' }, icon(PATHS.loaf)), el('div', {}, this.lineName, this.lines, this.lineState)),
        el('div', { class: 'screen' }, this.chat, this.pill), this.banner, this.menu, this.quoteBox, this.composer, el('i', { class: 'home' })));
    this.node.addEventListener('keydown', event => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (!this.menu.hidden) { this.toggleMenu(); this.attach.focus(); }
      else if (this.quote) this.setQuote(null);
    });
    this.words();
  }

  flip(label, change) {
    const button = el('button', { type: 'button', class: 'flip', role: 'switch', 'aria-checked': 'false', onclick: () => {
      const on = button.getAttribute('aria-checked') !== 'true';
      button.setAttribute('aria-checked', String(on));
      change(on).then(done => { if (!done) button.setAttribute('aria-checked', String(!on)); });
    } }, el('i', {}), el('span', {}, label()));
    button.retell = () => { button.lastChild.textContent = label(); };
    return button;
  }

  /** The fixed texts, in the language of now. */
  words() {
    const { name } = this.person;
    this.node.setAttribute('aria-label', words.phoneOf(name));
    for (const button of [this.closeButton, this.backButton]) button.setAttribute('aria-label', words.close(name));
    for (const flip of [this.isOnline, this.reads, this.blocks]) flip.retell();
    this.chat.setAttribute('aria-label', words.phoneOf(name));
    this.lines.setAttribute('aria-label', words.line);
    this.input.placeholder = words.write;
    this.input.setAttribute('aria-label', `${words.write} · ${name}`);
    this.attach.setAttribute('aria-label', words.attach);
    this.sendButton.setAttribute('aria-label', words.send);
    this.pill.textContent = words.newBelow;
    const item = (text, path, action) => el('button', { type: 'button', role: 'menuitem', onclick: () => { this.toggleMenu(); this.input.focus(); action(); } }, icon(path), text);
    this.menu.replaceChildren(
      item(words.photo, PATHS.face, () => this.pick('image/*,video/mp4')), item(words.sample, PATHS.face, () => this.post({ type: 'image', image: {} })),
      item(words.voice, PATHS.mic, () => this.record()), item(words.tone, PATHS.mic, () => this.hum()),
      item(words.document, PATHS.doc, () => this.pick('')), item(words.place, PATHS.pin, () => this.sendPlace()),
      item(words.card, PATHS.face, () => this.post({ type: 'contacts', contacts: [{ name: { formatted_name: words.first, first_name: words.first }, phones: [{ phone: '+40 722 555 199', type: 'CELL' }] }] })));
    this.reset();
  }

  reset() {
    this.changed = -1;
    this.nodes.clear();
    this.chat.replaceChildren();
    this.known = null;
    this.setQuote(null);
  }

  close() {
    const ids = [...phones.keys()].filter(id => id !== this.id);
    setAddress(ids);
    rows.get(this.id)?.button.focus();
  }

  focus() { (this.composer.inert ? this.node : this.input).focus({ preventScroll: !isNarrow() }); }
  isAtEnd() { return this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 48; }
  toEnd() { this.chat.scrollTop = this.chat.scrollHeight; this.pill.hidden = true; }

  /** Reads what is new on this phone, if anything is. */
  async follow() {
    const { person } = this;
    if (!person) return;
    this.line ??= town.numbers[0]?.phone_number_id ?? null;
    if (person.changed !== this.changed && !this.isFollowing && this.line) {
      this.isFollowing = true;
      const { changed } = person;
      try {
        const from = Math.max(0, person.count - SHOWN);
        const path = `customers/${encodeURIComponent(this.id)}/messages?phone_number_id=${this.line}`;
        // Where to begin is counted within one chat; only with one number both counts are the same.
        const view = await call('GET', town.numbers.length > 1 ? path : `${path}&after=${from}`);
        this.changed = changed;
        this.messages = view.messages.slice(-SHOWN);
        this.show();
      } catch (error) {
        toast(`${words.failed} ${error.message}`);
      } finally {
        this.isFollowing = false;
      }
    }
    if (!document.hidden) town.seen.set(this.id, person.reached);
    this.showState();
  }

  showState() {
    const { person } = this;
    // At midnight, and when the clock is moved, "today" is another day.
    const today = new Date(now()).toDateString();
    if (this.today !== today) {
      this.today = today;
      if (this.known) this.show();
    }
    const number = town.numbers.find(each => each.phone_number_id === this.line);
    const blocks = isBlocking(person, this.line);
    const isTyping = town.typing[this.id]?.includes(this.line) && person.online;
    put(this.label, person.name);
    put(this.about, [person.phone_visible ? person.phone : words.hidden, person.username && `@${person.username.replace(/^@/, '')}`].filter(Boolean).join(' · '));
    const options = JSON.stringify(town.numbers);
    if (this.options !== options) {
      this.options = options;
      this.lines.replaceChildren(...town.numbers.map(each => el('option', { value: each.phone_number_id }, each.verified_name)));
      this.lines.hidden = town.numbers.length < 2;
      this.lineName.hidden = town.numbers.length > 1;
    }
    this.lines.value = this.line;
    put(this.lineName, number?.verified_name ?? '');
    put(this.lineState, isTyping ? words.typing : words.business);
    this.lineState.classList.toggle('live', Boolean(isTyping));
    this.node.classList.toggle('is-offline', !person.online);
    for (const [flip, on] of [[this.isOnline, person.online], [this.reads, person.reads], [this.blocks, blocks]]) flip.setAttribute('aria-checked', String(on));
    const bar = JSON.stringify([time(now()), person.online]);
    if (this.barShown !== bar) {
      this.barShown = bar;
      this.bar.replaceChildren(el('span', {}, time(now())), el('i', { class: 'island' }), el('span', {}, icon(person.online ? PATHS.signal : PATHS.plane), icon(PATHS.battery)));
    }
    this.showTyping(isTyping);
    this.showBanner(person, blocks);
  }

  showTyping(isTyping) {
    if (Boolean(this.dots) === Boolean(isTyping)) return;
    const wasAtEnd = this.isAtEnd();
    this.dots?.remove();
    this.dots = isTyping ? el('div', { class: 'bubble theirs typing', role: 'img', 'aria-label': words.typing }, el('i'), el('i'), el('i')) : null;
    if (this.dots) this.chat.append(this.dots);
    if (wasAtEnd) this.toEnd();
  }

  showBanner(person, blocks) {
    const unread = person.reads ? 0 : this.messages.filter(message => message.from === 'business' && !message.ticks.some(tick => tick.status === 'read' || tick.status === 'failed')).length;
    const id = encodeURIComponent(this.id);
    const [text, label, action] = !person.online
      ? [`${words.isOffline(firstName(person))} ${person.waiting ? words.waiting(person.waiting) : ''}`, words.goOnline, () => act('PATCH', `customers/${id}`, { online: true })]
      : blocks ? [words.isBlocking(firstName(person)), words.unblock, () => act('PATCH', `customers/${id}`, { blocked: false })]
        : unread ? ['', words.markRead(unread), () => act('POST', `customers/${id}/read`, { phone_number_id: this.line })] : ['', '', null];
    this.composer.inert = !person.online || blocks;
    const signature = text + label;
    if (this.bannerShown === signature) return;
    const hadFocus = this.banner.contains(document.activeElement);
    this.bannerShown = signature;
    this.banner.hidden = !action;
    this.banner.replaceChildren(text, action ? el('button', { type: 'button', class: 'link', onclick: action }, label) : '');
    if (hadFocus) this.focus();
  }

  show() {
    const wasAtEnd = this.known === null || this.isAtEnd();
    const fresh = this.known === null ? [] : this.messages.filter(message => !this.known.has(message.id));
    const wanted = [];
    let day = '';
    for (const message of this.messages) {
      const at = Number(message.timestamp) * 1000;
      if (dayOf(at) !== day) {
        day = dayOf(at);
        wanted.push(this.keyed(`day-${new Date(at).toDateString()}`, day, () => el('p', { class: 'day' }, el('span', {}, day))));
      }
      wanted.push(this.bubble(message));
    }
    if (!this.messages.length) wanted.push(this.keyed('hello', language, () => this.openers()));
    const keep = new Set(wanted);
    for (const [key, kept] of this.nodes) if (!keep.has(kept.node)) { kept.node.remove(); this.nodes.delete(key); }
    wanted.forEach((node, index) => { if (this.chat.children[index] !== node) this.chat.insertBefore(node, this.chat.children[index] ?? null); });
    this.known = new Set(this.messages.map(message => message.id));
    const isMine = fresh.some(message => message.from === 'customer');
    if (wasAtEnd || isMine) this.toEnd();
    else if (fresh.length) this.pill.hidden = false;
    for (const message of fresh.filter(each => each.from === 'business')) {
      $('log').append(el('p', {}, words.arrived(this.person.name, message.body ?? words[message.type] ?? words.unsupported)));
      while ($('log').children.length > 5) $('log').firstChild.remove();
    }
  }

  keyed(key, signature, make) {
    const kept = this.nodes.get(key);
    if (kept?.signature === signature) return kept.node;
    const node = make();
    kept?.node.replaceWith(node);
    this.nodes.set(key, { node, signature });
    return node;
  }

  openers() {
    const tongue = /^(?:RO|MD)/.test(this.person.user_id) ? 'ro' : 'en';
    return el('div', { class: 'openers' }, el('p', {}, words.hello(firstName(this.person))),
      ...OPENERS[tongue].map(text => el('button', { type: 'button', class: 'pill', lang: tongue, onclick: () => this.post({ type: 'text', text: { body: text } }) }, text)));
  }

  /** Ticks and reactions change often and are redrawn alone, so that a sound goes on playing. */
  bubble(message) {
    const { ticks: steps, reactions, status, read_by_business: isRead, ...rest } = message;
    const node = this.keyed(message.id, JSON.stringify([language, rest]), () => {
      const isMine = message.from === 'customer';
      return el('div', { class: `bubble ${isMine ? 'mine' : 'theirs'} ${message.type}` }, this.quoted(message), ...content(message, this), el('span', { class: 'meta' }), el('span', { class: 'reactions' }), this.actions(message));
    });
    const foot = JSON.stringify([steps.length, status, isRead, reactions]);
    if (node.foot !== foot) {
      node.foot = foot;
      node.querySelector(':scope > .meta').replaceChildren(time(Number(message.timestamp) * 1000), message.from === 'customer' ? ticks(message) : '');
      node.querySelector(':scope > .reactions').replaceChildren(...reactions.map(each => el('span', { class: each.from }, each.emoji)));
    }
    return node;
  }

  quoted(message) {
    if (!message.quoted) return null;
    const found = this.messages.find(each => each.id === message.quoted);
    const text = found ? summary(found) : words.quoted;
    const who = found ? (found.from === 'customer' ? words.you : this.lineName.textContent) : '';
    return el('div', { class: 'quote' }, el('b', {}, who), el('span', {}, text));
  }

  actions(message) {
    const mine = message.reactions.find(each => each.from === 'customer')?.emoji;
    const tray = el('span', { class: 'tray', hidden: true }, ...EMOJI.map(emoji => el('button', { type: 'button', 'aria-label': words.emoji(emoji), onclick: () => {
      tray.hidden = true;
      face.setAttribute('aria-expanded', 'false');
      const current = this.messages.find(each => each.id === message.id)?.reactions.find(each => each.from === 'customer')?.emoji ?? mine;
      this.post({ type: 'reaction', reaction: { message_id: message.id, emoji: current === emoji ? '' : emoji } }, false);
      face.focus();
    } }, emoji)));
    const face = el('button', { type: 'button', 'aria-label': words.react, title: words.react, 'aria-expanded': 'false', onclick: () => {
      tray.hidden = !tray.hidden;
      face.setAttribute('aria-expanded', String(!tray.hidden));
      if (!tray.hidden) tray.firstChild.focus();
    } }, icon(PATHS.face));
    tray.addEventListener('keydown', event => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      tray.hidden = true;
      face.focus();
    });
    return el('span', { class: 'actions' }, el('button', { type: 'button', 'aria-label': words.reply, title: words.reply, onclick: () => this.setQuote(message) }, icon(PATHS.reply)), face, tray);
  }

  setQuote(message) {
    this.quote = message;
    this.quoteBox.hidden = !message;
    if (!message) { this.quoteBox.replaceChildren(); return; }
    this.quoteBox.replaceChildren(el('span', {}, el('b', {}, words.replyingTo), ` ${summary(message)}`),
      el('button', { type: 'button', class: 'round quiet', 'aria-label': words.stop, onclick: () => { this.setQuote(null); this.input.focus(); } }, icon(PATHS.close)));
    this.input.focus();
  }

  // Writing.

  key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight, 110)}px`;
  }

  async send() {
    const text = this.input.value.trim();
    if (!text || this.isSending) return;
    this.isSending = true;
    const isDone = await this.post({ type: 'text', text: { body: text } });
    this.isSending = false;
    // What was typed meanwhile stays, and so does everything if it failed.
    if (isDone && this.input.value.trim() === text) { this.input.value = ''; this.grow(); }
  }

  async post(message, withQuote = true) {
    const body = { ...message, phone_number_id: this.line };
    const { quote } = this;
    if (quote && withQuote) body.context = { id: quote.id };
    const done = await act('POST', `customers/${encodeURIComponent(this.id)}/messages`, body);
    if (done && withQuote && quote === this.quote) this.setQuote(null);
    return done;
  }

  toggleMenu() {
    this.menu.hidden = !this.menu.hidden;
    this.attach.setAttribute('aria-expanded', String(!this.menu.hidden));
    if (!this.menu.hidden) this.menu.firstChild.focus();
  }

  menuKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...this.menu.children];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  }

  pick(accept) {
    this.file.accept = accept;
    this.file.value = '';
    this.file.click();
  }

  async sendFile() {
    const [file] = this.file.files;
    if (!file) return;
    const kind = this.file.accept && /^(image|video)\//.test(file.type) ? file.type.split('/')[0] : 'document';
    await this.sendBytes(kind, file, file.type || 'application/octet-stream', kind === 'document' ? { filename: file.name } : {});
  }

  async sendBytes(kind, blob, mimeType, more) {
    if (blob.size > FILE_LIMIT) { toast(words.fits); return; }
    const data = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    }).catch(error => { toast(`${words.failed} ${error.message}`); return null; });
    if (data) await this.post({ type: kind, [kind]: { ...more, mime_type: mimeType, data_base64: data } });
  }

  sendPlace() {
    return this.post({ type: 'location', location: { latitude: 46.7712, longitude: 23.6236, name: 'Piața Unirii', address: 'Cluj-Napoca' } });
  }

  /** Records until pressed again; without a microphone somebody hums. */
  async record() {
    const stream = await navigator.mediaDevices?.getUserMedia?.({ audio: true }).catch(() => null);
    if (!stream) { await this.hum(); return; }
    const stop = await new Promise(resolve => {
      const button = el('button', { type: 'button', class: 'link', onclick: () => resolve(true) }, words.recording);
      this.tape = tape(stream);
      this.quoteBox.hidden = false;
      this.quoteBox.replaceChildren(button);
      button.focus();
    });
    stream.getTracks().forEach(track => track.stop());
    const sound = stop ? await this.tape.end() : null;
    this.setQuote(this.quote);
    if (sound) await this.sendBytes('audio', sound, plainType(sound.type), { voice: true });
  }

  async hum() {
    if (!globalThis.MediaRecorder || !globalThis.AudioContext) { await this.post({ type: 'audio', audio: { voice: true } }); return; }
    const room = new AudioContext();
    const mouth = room.createGain();
    const out = room.createMediaStreamDestination();
    const voice = room.createOscillator();
    mouth.gain.value = 0.2;
    voice.connect(mouth).connect(out);
    [392, 440, 494, 392, 523, 494].forEach((pitch, index) => voice.frequency.setValueAtTime(pitch, room.currentTime + index * 0.25));
    const recording = tape(out.stream);
    voice.start();
    await new Promise(resolve => setTimeout(resolve, 1600));
    const sound = await recording.end();
    await room.close();
    await this.sendBytes('audio', sound, plainType(sound.type), { voice: true });
  }
}

const plainType = type => type.startsWith('audio/ogg') ? 'audio/ogg; codecs=opus' : type.split(';')[0];

function tape(stream) {
  const type = ['audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm'].find(each => MediaRecorder.isTypeSupported(each));
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  const parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  recorder.start();
  return { end: () => new Promise(resolve => {
    recorder.onstop = () => resolve(new Blob(parts, { type: recorder.mimeType }));
    recorder.stop();
  }) };
}

// ---- what a message shows ----

function summary(message) {
  const kind = message.type === 'document' ? message.document?.filename ?? words.file : words[message.type];
  return message.body ?? (typeof kind === 'string' ? kind : words.unsupported);
}

function words_(text) { return el('p', { class: /^\p{Extended_Pictographic}{1,3}$/u.test(text.replace(/\uFE0F/g, '')) ? 'text big' : 'text', dir: 'auto' }, text); }

function media(object, kind) {
  if (!object) return words_(words.unsupported);
  if (object.link) {
    let host = object.link;
    try { host = new URL(object.link).hostname; } catch { /* shown as it is */ }
    return el('p', { class: 'file' }, icon(PATHS.doc), el('span', {}, `${object.filename ?? words[kind] ?? words.file} `, el('small', {}, words.elsewhere(host))));
  }
  const url = `/sandbox/media/${encodeURIComponent(object.id ?? '')}`;
  if (kind === 'image' || kind === 'sticker') {
    const picture = el('img', { src: url, alt: object.caption ?? words[kind], class: kind });
    picture.addEventListener('error', () => picture.replaceWith(el('p', { class: 'file' }, words[kind])), { once: true });
    // The chat grew under a reader at its end.
    picture.addEventListener('load', () => { const chat = picture.closest('.chat'); if (chat && chat.scrollHeight - chat.scrollTop - chat.clientHeight < picture.height + 60) chat.scrollTop = chat.scrollHeight; }, { once: true });
    return picture;
  }
  if (kind === 'audio' || kind === 'video') return el(kind, { src: url, controls: true, preload: 'metadata', 'aria-label': words[kind] });
  return el('a', { class: 'file', href: url, download: object.filename ?? words.file }, icon(PATHS.doc), el('span', {}, object.filename ?? words.file));
}

function content(message, phone) {
  const object = message[message.type];
  const { type } = message;
  if (['image', 'video', 'audio', 'document', 'sticker'].includes(type)) return [media(object, type), object?.caption ? words_(object.caption) : null];
  if (type === 'location') {
    return [el('div', { class: 'map' }, icon(PATHS.pin)), words_([object?.name, object?.address].filter(Boolean).join(', ') || `${object?.latitude}, ${object?.longitude}`)];
  }
  if (type === 'contacts') return (Array.isArray(object) ? object : []).map(card => el('p', { class: 'file' }, icon(PATHS.face), el('span', {}, card.name?.formatted_name ?? words.contacts, ' ', el('small', {}, card.phones?.[0]?.phone ?? ''))));
  if (type === 'interactive' && message.from === 'business') return interactive(object ?? {}, message, phone);
  return [words_(message.body ?? (typeof words[type] === 'string' ? words[type] : words.unsupported))];
}

function interactive(object, message, phone) {
  const { header, action = {} } = object;
  const parts = [];
  if (header?.type === 'text') parts.push(el('p', { class: 'text heading' }, header.text));
  else if (header?.type) parts.push(media(header[header.type], header.type));
  if (object.body?.text) parts.push(words_(object.body.text));
  if (object.footer?.text) parts.push(el('p', { class: 'footer' }, object.footer.text));
  const tap = (kind, chosen) => phone.post({ type: 'interactive', interactive: { type: kind, [kind]: chosen }, context: { id: message.id } }, false);
  const buttons = [];
  if (object.type === 'button') {
    for (const { reply } of action.buttons ?? []) buttons.push(el('button', { type: 'button', onclick: () => tap('button_reply', { id: reply.id, title: reply.title }) }, reply.title));
  } else if (object.type === 'list') {
    buttons.push(el('button', { type: 'button', onclick: () => choose(action, row => tap('list_reply', row)) }, `☰ ${action.button ?? words.choose}`));
  } else if (object.type === 'cta_url' && /^https?:\/\//.test(action.parameters?.url ?? '')) {
    buttons.push(el('a', { href: action.parameters.url, target: '_blank', rel: 'noopener noreferrer' }, `↗ ${action.parameters.display_text}`));
  } else if (object.type === 'location_request_message') {
    buttons.push(el('button', { type: 'button', onclick: () => phone.sendPlace() }, words.sendPlace));
  }
  if (buttons.length) parts.push(el('div', { class: 'taps' }, ...buttons));
  return parts.length ? parts : [words_(words.interactive)];
}

function choose(action, done) {
  $('choose-title').textContent = action.button ?? words.choose;
  $('choose-body').replaceChildren(...(action.sections ?? []).map(section => el('div', { class: 'choices' }, section.title ? el('h3', {}, section.title) : null,
    ...(section.rows ?? []).map(row => el('button', { type: 'button', onclick: () => {
      $('choose').close();
      done(row.description ? { id: row.id, title: row.title, description: row.description } : { id: row.id, title: row.title });
    } }, el('b', {}, row.title), row.description ? el('small', {}, row.description) : null)))));
  $('choose').showModal();
}

// ---- the weather, the clock, the ledger ----

const isAtWork = fault => fault.count === undefined || fault.count === null || fault.hits < fault.count;

function showFaults(faults) {
  const active = faults.filter(isAtWork);
  put($('weather-count'), active.length ? String(active.length) : '');
  $('weather-count').hidden = !active.length;
  document.body.classList.toggle('storm', active.length > 0);
  $('clear').hidden = !faults.length;
  const signature = JSON.stringify([language, faults]);
  if (town.faultsShown === signature) return;
  town.faultsShown = signature;
  town.faults = faults;
  if (!$('faults').children.length) {
    $('faults').append(...Object.keys(FAULTS).map(kind => el('li', {}, el('button', { type: 'button', class: 'flip wide', role: 'switch', 'data-fault': kind, onclick: event => flipFault(kind, event.currentTarget) }, el('span', {}, el('b', {}), el('small', {})), el('i', {})))));
  }
  for (const button of $('faults').querySelectorAll('button')) {
    const kind = button.dataset.fault;
    const [name, meaning] = words.faults[kind];
    put(button.querySelector('b'), name);
    put(button.querySelector('small'), meaning);
    button.title = meaning;
    button.setAttribute('aria-checked', String(active.some(fault => fault.kind === kind)));
  }
  const others = active.filter(fault => !(fault.kind in FAULTS));
  $('other-faults').replaceChildren(...others.map(fault => el('li', {},
    el('span', {}, fault.kind === 'http_error' && fault.count ? words.left(fault.count - fault.hits, fault.count) : fault.kind.replaceAll('_', ' ')),
    el('button', { type: 'button', class: 'link', onclick: () => act('DELETE', `faults/${fault.id}`) }, words.end))));
}

async function flipFault(kind, button) {
  const isOn = button.getAttribute('aria-checked') === 'true';
  button.setAttribute('aria-checked', String(!isOn));
  if (!isOn) { if (!await act('POST', 'faults', { kind, ...FAULTS[kind] })) button.setAttribute('aria-checked', 'false'); return; }
  for (const fault of town.faults.filter(each => each.kind === kind)) await act('DELETE', `faults/${fault.id}`);
}

function showClock() {
  put($('clock'), time(now()));
  $('clock').dateTime = new Date(now()).toISOString();
  put($('clock-day'), new Date(now()).toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long' }));
}

function showBusiness(url) {
  put($('business'), town.numbers.map(number => `${number.verified_name} · ${number.display_phone_number}`).join('  ·  '));
  $('agents').hidden = !url;
  if (url && $('agents').href !== `${url}/`) $('agents').href = `${url}/`;
}

async function readLedger(last) {
  const from = town.ledgerLast < 0 || last < town.ledgerLast ? Math.max(0, last - 40) : Math.max(town.ledgerLast, last - 40);
  const page = await call('GET', `ledger?after=${from}&limit=60`);
  town.ledger = (last < town.ledgerLast ? [] : town.ledger).concat(page.entries).slice(-40);
  town.ledgerLast = page.next;
  showLedger();
}

function showLedger() {
  const nameOf = id => town.people.get(id)?.name ?? [...town.people.values()].find(person => person.wa_id === String(id).replace('+', '') || person.user_id === id)?.name ?? '';
  const good = ['accepted', 'delivered', 'reached', 'verified'];
  if (!town.ledger.length) { $('ledger').replaceChildren(el('li', { class: 'note' }, words.none)); return; }
  $('ledger').replaceChildren(...town.ledger.toReversed().map(entry => el('li', {},
    el('time', {}, time(entry.at_ms)),
    el('span', { class: 'what' }, words.kinds[entry.kind] ?? entry.kind, el('small', {}, [nameOf(entry.recipient), (entry.updates ?? []).join(', '), entry.attempt > 1 ? `×${entry.attempt}` : ''].filter(Boolean).join(' · '))),
    el('em', { class: good.includes(entry.outcome) ? 'good' : 'bad' }, words.outcomes[entry.outcome] ?? entry.outcome.replaceAll('_', ' ')))));
}

function put(node, text) { if (node.textContent !== text) node.textContent = text; }

// ---- the page ----

function speak() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = words[node.dataset.t];
  for (const node of document.querySelectorAll('[data-tl]')) node.setAttribute('aria-label', words[node.dataset.tl]);
  for (const node of document.querySelectorAll('[data-tp]')) node.placeholder = words[node.dataset.tp];
  for (const node of document.querySelectorAll('[data-lang]')) node.setAttribute('aria-pressed', String(node.dataset.lang === language));
  $('new').title = words.newCustomer;
  document.title = words.title;
  for (const phone of phones.values()) { phone.words(); phone.bannerShown = null; }
  if (!town.isLoaded) return;
  showFaults(town.faults);
  showLedger();
  setLost(town.isLost);
  showPeople();
}

for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => {
    language = button.dataset.lang;
    words = WORDS[language];
    memory.set('language', language);
    speak();
    poke();
  });
}
$('search').addEventListener('input', showPeople);
$('search').addEventListener('keydown', event => {
  if (event.key === 'ArrowDown') { event.preventDefault(); $('people').querySelector('button')?.focus(); }
  if (event.key === 'Enter') { event.preventDefault(); $('people').querySelector('button')?.click(); }
});
$('people').addEventListener('keydown', event => {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
  if (!step) return;
  event.preventDefault();
  (document.activeElement.closest('li')?.[step]?.querySelector('button') ?? $('search')).focus();
});
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, dialog')) return;
  event.preventDefault();
  $('search').focus();
});
document.addEventListener('click', event => {
  for (const phone of phones.values()) if (!phone.menu.hidden && !phone.menu.contains(event.target) && !phone.attach.contains(event.target)) phone.toggleMenu();
  for (const tray of document.querySelectorAll('.tray:not([hidden])')) if (!tray.parentElement.contains(event.target)) tray.hidden = true;
});
document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); $('phones').focus(); });
$('weather-toggle').addEventListener('click', () => {
  const isOpen = document.body.classList.toggle('weather-open');
  $('weather-toggle').setAttribute('aria-expanded', String(isOpen));
  if (isOpen) $('weather').querySelector('button:not([hidden])')?.focus();
});
$('weather').addEventListener('keydown', event => {
  if (event.key !== 'Escape' || !document.body.classList.contains('weather-open')) return;
  document.body.classList.remove('weather-open');
  $('weather-toggle').setAttribute('aria-expanded', 'false');
  $('weather-toggle').focus();
});
$('clear').addEventListener('click', () => act('DELETE', 'faults'));
$('errors').addEventListener('submit', event => {
  event.preventDefault();
  act('POST', 'faults', { kind: 'http_error', status: 500, count: Number($('errors-count').value) });
});
for (const button of document.querySelectorAll('[data-advance]')) button.addEventListener('click', () => act('POST', 'clock', { advance_seconds: Number(button.dataset.advance) }));
for (const button of document.querySelectorAll('[data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
$('new').addEventListener('click', () => { $('create-form').reset(); $('create').showModal(); $('create-name').focus(); });
$('create-form').addEventListener('submit', async event => {
  event.preventDefault();
  const phone = $('create-phone').value.trim();
  const body = { name: $('create-name').value.trim(), phone_visible: $('create-visible').checked, country: new FormData($('create-form')).get('country') };
  if (phone) body.phone = phone;
  try {
    const person = await call('POST', 'customers', body);
    $('create').close();
    town.people.set(person.id, { ...person, changed: -2, count: 0, newest: null });
    $('search').value = '';
    toggle(person.id);
    poke();
  } catch (error) {
    $('create-phone').setCustomValidity(`${words.failed} ${error.message}`);
    $('create-phone').reportValidity();
  }
});
$('create-phone').addEventListener('input', () => $('create-phone').setCustomValidity(''));
addEventListener('hashchange', () => { followAddress(); showPeople(); });
document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else poke(); });
setInterval(() => { if (!document.hidden && town.isLoaded) showClock(); }, 5000);
speak();
poke();
