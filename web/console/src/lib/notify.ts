// Desktop notifications and a tone: both optional, neither carries anything the console needs.

export type Permission = 'unsupported' | 'default' | 'granted' | 'denied';

export function permission(): Permission {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;
}

/** Must be called from a click: browsers ignore the question otherwise. */
export async function ask(): Promise<Permission> {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.requestPermission();
}

export function show(title: string, body: string, tag: string, onClick: () => void): void {
  if (permission() !== 'granted') return;
  try {
    const note = new Notification(title, { body, tag });
    note.onclick = () => {
      window.focus();
      onClick();
      note.close();
    };
  } catch {
    // Chromium on Android knows the name but allows only service workers to use it.
  }
}

let audio: AudioContext | null = null;

const notes = { message: [659, 880], work: [523, 659, 784], late: [880, 880] } as const;

/** Soft notes: for a message, for work that was given, for somebody who waits too long. Silent until the page has been clicked once; browsers insist on that. */
export function tone(kind: keyof typeof notes = 'message'): void {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume();
  const start = audio.currentTime;
  for (const [i, pitch] of notes[kind].entries()) {
    const oscillator = new OscillatorNode(audio, { type: 'sine', frequency: pitch });
    const volume = new GainNode(audio, { gain: 0 });
    const at = start + i * (kind === 'late' ? 0.24 : 0.11);
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.06, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.32);
  }
}

/** Remembers the last few ids, so that a message that comes twice is announced once. */
export class Seen {
  readonly #ids = new Set<string>();
  constructor(private readonly size = 300) {}

  /** True the first time. */
  first(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const oldest = this.#ids.values().next();
    if (this.#ids.size > this.size && oldest.done !== true) this.#ids.delete(oldest.value);
    return true;
  }
}
