/** [P12] Under this name pages ask the browser to wake the service worker, so that what waits is sent once there is network. */
export const QUEUE_TAG = 'escale-queue';
