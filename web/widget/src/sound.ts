import { Kept, pageStorage } from './storage';

const kept = new Kept(pageStorage(), 'veridesk.mute');
/** Several answers in a row are one sound. */
const apart = 3_000;
let context: AudioContext | undefined;
let last = -Infinity;

export const isMuted = () => kept.get() !== '';

export function mute(on: boolean): void {
  kept.set(on ? '1' : '');
}

/**
 * A short soft sound of two notes, made on the spot. A browser that allows no sound before somebody has
 * touched the page plays none, and none later either: a late sound would tell of nothing.
 */
export function chime(now = Date.now()): void {
  const Context = window.AudioContext;
  if (isMuted() || !Context || now - last < apart) return;
  last = now;
  context ??= new Context();
  const at = context;
  // Refused until somebody has touched the page; then there is simply no sound.
  void at.resume().catch(() => undefined);
  if (at.state === 'closed') return;
  const started = Date.now();
  const play = () => {
    if (at.state !== 'running' || Date.now() - started > 500) return;
    note(at, 660, 0);
    note(at, 880, 0.11);
  };
  if (at.state === 'running') play();
  else at.addEventListener('statechange', play, { once: true });
}

/** @param pitch in hertz; @param later in seconds */
function note(at: AudioContext, pitch: number, later: number): void {
  const tone = at.createOscillator();
  const volume = at.createGain();
  const begin = at.currentTime + later;
  tone.type = 'sine';
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(0.08, begin + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0005, begin + 0.28);
  tone.connect(volume).connect(at.destination);
  tone.start(begin);
  tone.stop(begin + 0.3);
}
