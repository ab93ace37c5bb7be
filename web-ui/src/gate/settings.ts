// What a guard sets on this phone: language, hand, sound.
const SETTINGS = "olzii-checkpoint";

export interface Settings {
  language: string | null;
  isLeft: boolean;
  isLoud: boolean;
}

export function settingsOf(): Settings {
  const plain: Settings = { language: null, isLeft: false, isLoud: true };
  try {
    return { ...plain, ...(JSON.parse(localStorage.getItem(SETTINGS) ?? "{}") as Partial<Settings>) };
  } catch {
    return plain;
  }
}

export function keepSettings(settings: Settings): void {
  try {
    localStorage.setItem(SETTINGS, JSON.stringify(settings));
  } catch {
    // It holds until the page is closed.
  }
}
