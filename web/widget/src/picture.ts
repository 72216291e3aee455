import type { Id } from '../../sdk';
import type { Row } from './rows';

/** A file of a message as it is shown. */
export interface ShownFile {
  id: Id;
  name: string;
  size: number;
  active: boolean;
  /** Of the whole file; '' while it is not sent. */
  url: string;
  /** Of a picture to show; '' when there is none. */
  src: string;
  /** Whether it is a picture at all. */
  picture: boolean;
  width: number;
  height: number;
  /** Of its upload, while it is not sent. */
  key?: string;
}

type Bubble = Extract<Row, { kind: 'bubble' }>;

/** @param local gives the address of this device's copy by attachment or upload key, or '' */
export function filesOf(row: Bubble, local: (id: string) => string): ShownFile[] {
  if (row.outgoing?.files && row.files.length === 0) {
    return row.outgoing.files.map((f) => {
      const src = local(f.key);
      const { width = 0, height = 0, key, name, size } = f;
      return { id: key, key, name, size, width, height, active: false, url: '', src, picture: src !== '' };
    });
  }
  return row.files.map((a) => {
    const { id, name, size, width = 0, height = 0, active = false, url = '', preview_url = '' } = a;
    const picture = width > 0 && preview_url !== '';
    return {
      id,
      name,
      size,
      width,
      height,
      active,
      url,
      src: picture ? local(id) || preview_url : '',
      picture,
    };
  });
}

const most = { width: 240, height: 260 };
const least = 72;
const tile = 118;

/** Pixels that a picture takes in a message: kept for it before it is there. Several are tiles. */
export function placeOf(
  { width, height }: Pick<ShownFile, 'width' | 'height'>,
  several: boolean,
): { width: number; height: number } {
  if (several || !width || !height) return { width: several ? tile : 180, height: several ? tile : 180 };
  const scale = Math.min(1, most.width / width, most.height / height);
  const fit = (n: number) => Math.max(least, Math.round(n * scale));
  return { width: fit(width), height: fit(height) };
}
