/** A part of the plane that a picture of a fixed size shows: its middle in degrees, and how far one looks. */
export interface View {
  readonly longitude: number;
  readonly latitude: number;
  /** Degrees of latitude to a pixel. */
  readonly scale: number;
  /** How much shorter a degree of longitude is; the same all over the picture, so that nothing drifts. */
  readonly narrowing: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Degrees = readonly [longitude: number, latitude: number];

/** About a metre, and about the size of a province. */
const SCALE_MIN = 1e-5;
const SCALE_MAX = 0.05;
const METRES_PER_DEGREE = 111_320;

/** The view that shows all of west, south, east, north. */
export function fit([west, south, east, north]: readonly [number, number, number, number], size: Size): View {
  const [longitude, latitude] = [(west + east) / 2, (south + north) / 2];
  const narrowing = Math.cos((latitude * Math.PI) / 180);
  const scale = Math.max(((east - west) * narrowing) / size.width, (north - south) / size.height) * 1.1;
  return { longitude, latitude, scale: Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale)), narrowing };
}

/** Where degrees are in the picture, in pixels from its upper left. */
export function toPixel(view: View, size: Size, [longitude, latitude]: Degrees): [x: number, y: number] {
  return [
    size.width / 2 + ((longitude - view.longitude) * view.narrowing) / view.scale,
    size.height / 2 - (latitude - view.latitude) / view.scale,
  ];
}

export function toDegrees(view: View, size: Size, [x, y]: readonly [number, number]): [longitude: number, latitude: number] {
  return [
    view.longitude + ((x - size.width / 2) * view.scale) / view.narrowing,
    view.latitude - (y - size.height / 2) * view.scale,
  ];
}

/** Nearer (`factor` below 1) or farther, with what is at the pixel staying there. */
export function zoom(view: View, size: Size, factor: number, [x, y]: readonly [number, number]): View {
  const scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, view.scale * factor));
  const [longitude, latitude] = toDegrees(view, size, [x, y]);
  const next = { ...view, scale };
  const [newLongitude, newLatitude] = toDegrees(next, size, [x, y]);
  return { ...next, longitude: view.longitude + longitude - newLongitude, latitude: view.latitude + latitude - newLatitude };
}

/** Moves what is seen by so many pixels. */
export function pan(view: View, right: number, down: number): View {
  return {
    ...view,
    longitude: view.longitude - (right * view.scale) / view.narrowing,
    latitude: view.latitude + down * view.scale,
  };
}

/** A round length that takes at most so many pixels, for the scale bar. */
export function scaleBar(view: View, pixelsMax: number): { metres: number; pixels: number } {
  const metresPerPixel = view.scale * METRES_PER_DEGREE;
  const power = 10 ** Math.floor(Math.log10(metresPerPixel * pixelsMax));
  const metres = power * ([5, 2].find((step) => power * step <= metresPerPixel * pixelsMax) ?? 1);
  return { metres, pixels: metres / metresPerPixel };
}
