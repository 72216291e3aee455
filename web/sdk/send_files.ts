import { newId } from './ids';
import type { Outgoing, OutgoingFile, Problem, SendQueue } from './send_queue';
import type { Id } from './types';

type Files = Pick<SendQueue, 'editFile'>;

/** The server has all of a file: its message goes once all of its files are there. */
export function fileReady(queue: Files, key: string, id: Id): void {
  queue.editFile(key, (item, file) => [withFiles(item, swap(item, file, { ...file, id }))]);
}

/** A file was refused for good: it stands alone as not sent, and the rest of its message goes. */
export function fileRefused(queue: Files, key: string, problem: Problem): void {
  queue.editFile(key, (item, file) => {
    const rest = swap(item, file);
    if (rest.length === 0 && !item.body) return [{ ...item, state: 'failed', problem }];
    const { start: _, ...alike } = item;
    // Half a millisecond: after its message and before the next one.
    const createdAt = item.createdAt + 0.5;
    const alone = { ...alike, clientId: newId(), body: '', files: [file], createdAt, problem };
    return [withFiles(item, rest), { ...alone, state: 'failed' }];
  });
}

/** A file is wanted no longer; a message that would be empty without it goes with it. */
export function fileRemoved(queue: Files, key: string): void {
  queue.editFile(key, (item, file) => {
    const rest = swap(item, file);
    return rest.length > 0 || item.body ? [withFiles(item, rest)] : [];
  });
}

/** The server does not have a file that it had (or has it for somebody else): it must go up again, under `fresh`. */
export function fileLost(queue: Files, key: string, fresh: string = key): void {
  queue.editFile(key, (item, { id: _, ...file }) => {
    const { problem: __, ...again } = item;
    const files = (item.files ?? []).map((f) => (f.key === key ? { ...file, key: fresh } : f));
    return [{ ...again, files, state: 'uploading' }];
  });
}

function swap(item: Outgoing, file: OutgoingFile, by?: OutgoingFile): OutgoingFile[] {
  return (item.files ?? []).flatMap((f) => (f !== file ? [f] : by ? [by] : []));
}

function withFiles({ files: _, ...item }: Outgoing, files: readonly OutgoingFile[]): Outgoing {
  return files.length > 0 ? { ...item, files } : item;
}
