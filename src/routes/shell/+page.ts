/** The empty page that the service worker answers every address with. */
export const prerender = true;
