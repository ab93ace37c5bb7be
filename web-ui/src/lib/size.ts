export const PHOTO_EDGE_MAX_PX = 2560;
/** The server's limit is 10 MB; what stays below it needs no second try. */
export const PHOTO_BYTES_MAX = 10 * 1000 * 1000;
/** Above this a photo is made smaller even when its edges fit: one bar of signal carries about 100 kB a second. */
export const PHOTO_BYTES_WORTH_SHRINKING = 1500 * 1000;

/** Width and height in pixels that fit within `edge_max` on the longer side, never enlarged. */
export function fitWithin(width: number, height: number, edgeMax: number): { width: number; height: number } {
  const scale = Math.min(1, edgeMax / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export function needsShrinking(width: number, height: number, bytes: number): boolean {
  return Math.max(width, height) > PHOTO_EDGE_MAX_PX || bytes > PHOTO_BYTES_WORTH_SHRINKING;
}
