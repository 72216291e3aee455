// The queue's settings as they are being edited. When somebody else was quicker, what was typed stays, and what is in
// force is shown beside it.

import { RequestError, type Priority, type QueueSettings, type StaffApi } from '../../../sdk';
import { whole } from './team/edited.svelte';

type Api = Pick<StaffApi, 'queueSettings' | 'saveQueueSettings'>;

export const priorityOrder: readonly Priority[] = ['urgent', 'high', 'normal', 'low'];

/** Ranges as the server has them. */
export const ranges = {
  weight: [1, 20],
  boost: [-86_400, 604_800],
  sticky_seconds: [0, 900],
  offline_after: [30, 600],
} as const;

export type QueueKey = `weight.${string}` | `boost.${string}` | 'sticky_seconds' | 'offline_after';

function flat(s: QueueSettings): Map<QueueKey, number> {
  const out = new Map<QueueKey, number>();
  for (const [channel, units] of Object.entries(s.channel_weights)) out.set(`weight.${channel}`, units);
  for (const p of priorityOrder) out.set(`boost.${p}`, s.boost[p] ?? 0);
  out.set('sticky_seconds', s.sticky_seconds);
  out.set('offline_after', s.offline_after);
  return out;
}

export function rangeOf(key: QueueKey): readonly [number, number] {
  if (key.startsWith('weight.')) return ranges.weight;
  if (key.startsWith('boost.')) return ranges.boost;
  return key === 'sticky_seconds' ? ranges.sticky_seconds : ranges.offline_after;
}

export class EditedQueue {
  typed: Readonly<Record<string, string>> = $state.raw({});
  /** What is in force as far as is known here. */
  #base: QueueSettings = $state.raw({
    channel_weights: {},
    boost: { urgent: 0, high: 0, normal: 0, low: 0 },
    sticky_seconds: 0,
    offline_after: 0,
    revision: 0,
  });
  /** Somebody else saved meanwhile. */
  conflict = $state(false);

  constructor(
    private readonly api: Api,
    settings: QueueSettings,
  ) {
    this.take(settings);
  }

  /** Puts what is in force in place of what was typed. */
  take(settings: QueueSettings = this.#base): void {
    this.#base = settings;
    this.conflict = false;
    this.typed = Object.fromEntries([...flat(settings)].map(([key, value]) => [key, String(value)]));
  }

  get channels(): string[] {
    return Object.keys(this.#base.channel_weights);
  }
  text(key: QueueKey): string {
    return this.typed[key] ?? '';
  }
  set(key: QueueKey, text: string): void {
    this.typed = { ...this.typed, [key]: text };
  }
  /** Null while it is no number that may stand here. */
  value(key: QueueKey): number | null {
    return whole(this.text(key), ...rangeOf(key));
  }
  inForce(key: QueueKey): number {
    return flat(this.#base).get(key) ?? 0;
  }
  differs(key: QueueKey): boolean {
    return this.text(key).trim() !== String(this.inForce(key));
  }

  get keys(): QueueKey[] {
    return [...flat(this.#base).keys()];
  }
  get sound(): boolean {
    return this.keys.every((key) => this.value(key) !== null);
  }
  get changed(): boolean {
    return this.keys.some((key) => this.differs(key));
  }

  /** Saves; false when somebody else was quicker, who is shown then. Other failures are thrown. */
  async save(): Promise<boolean> {
    const number = (key: QueueKey) => this.value(key) ?? this.inForce(key);
    const wanted: QueueSettings = {
      channel_weights: Object.fromEntries(this.channels.map((c) => [c, number(`weight.${c}`)])),
      boost: {
        urgent: number('boost.urgent'),
        high: number('boost.high'),
        normal: number('boost.normal'),
        low: number('boost.low'),
      },
      sticky_seconds: number('sticky_seconds'),
      offline_after: number('offline_after'),
      revision: this.#base.revision,
    };
    try {
      this.take(await this.api.saveQueueSettings(wanted));
      return true;
    } catch (error) {
      if (!(error instanceof RequestError) || (error.code !== 'stale' && error.code !== 'conflict'))
        throw error;
      this.#base = await this.api.queueSettings();
      this.conflict = true;
      return false;
    }
  }
}
