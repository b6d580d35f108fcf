/** Everything is drawn on the tablet: a page has nothing to show before the vault is open. */
export const ssr = false;
export const prerender = false;
