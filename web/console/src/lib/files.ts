// What is said about a file, and how large its picture is shown.

import type { Attachment } from '../../../sdk';

/** A picture that the server has made safe to look at. */
export function isPicture(a: Attachment): boolean {
  return a.active !== true && a.width !== undefined && a.width > 0 && a.height !== undefined && a.height > 0;
}

/** The size at which a picture is shown: within the box, never larger than it is. Pixels. */
export function fit(width: number, height: number, box: { width: number; height: number }) {
  const scale = Math.min(1, box.width / width, box.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** "842 byte", "1.2 MB". */
export function fileSize(bytes: number, locale: string): string {
  const steps: [string, number][] = [
    ['gigabyte', 1e9],
    ['megabyte', 1e6],
    ['kilobyte', 1e3],
    ['byte', 1],
  ];
  const [unit, size] = steps.find(([, s]) => bytes >= s) ?? ['byte', 1];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: bytes / size < 10 && unit !== 'byte' ? 1 : 0,
  }).format(bytes / size);
}

/** "PDF", "ZIP": the end of the name as people say it; '' when it has none. */
export function extension(name: string): string {
  const at = name.lastIndexOf('.');
  const end = at <= 0 ? '' : name.slice(at + 1);
  return /^[a-z0-9]{1,5}$/i.test(end) ? end.toUpperCase() : '';
}

/** Pictures that a browser shows from memory without running anything. */
export function previewable(type: string): boolean {
  return ['image/png', 'image/jpeg', 'image/webp', 'image/gif'].includes(type);
}
