// The desk of whoever is signed in, for pages and features: inside the frame there always is one.
import { createContext } from 'svelte';
import type { Desk } from '$state/index';

const [desk, setDesk] = createContext<Desk>();
export { desk, setDesk };
