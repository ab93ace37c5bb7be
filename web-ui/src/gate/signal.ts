import type { Tone } from "./verdict";

/** Notes as [hertz, from, seconds]: two that rise, three that are low, one in between. */
const NOTES: Record<Tone, ReadonlyArray<readonly [number, number, number]>> = {
  green: [[880, 0, 0.12], [1320, 0.13, 0.18]],
  red: [[220, 0, 0.18], [220, 0.24, 0.18], [220, 0.48, 0.3]],
  yellow: [[520, 0, 0.35]],
};
/** Milliseconds on, off, on: told apart in a pocket. */
const PULSES: Record<Tone, readonly number[]> = { green: [80], red: [250, 100, 250, 100, 250], yellow: [400] };
const LOUDNESS = 0.4;

let audio: AudioContext | null = null;

/** Browsers allow sound only from a press on. */
export function allowSound(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
  } catch {
    // Colour, words and vibration are left.
  }
}

export function signal(tone: Tone, isLoud: boolean): void {
  navigator.vibrate?.([...PULSES[tone]]);
  if (!audio || !isLoud) return;
  for (const [hertz, from, seconds] of NOTES[tone]) {
    const [note, volume] = [audio.createOscillator(), audio.createGain()];
    note.type = tone === "red" ? "square" : "sine";
    note.frequency.value = hertz;
    volume.gain.value = LOUDNESS;
    note.connect(volume).connect(audio.destination);
    note.start(audio.currentTime + from);
    note.stop(audio.currentTime + from + seconds);
  }
}
