import type { Stage } from '../../../../sdk';
import type { IconName } from '../../ui/Icon.svelte';
import type { StageAction } from '../stages';

/** The stage that an action leads to. */
export function stageOf(action: StageAction): Stage {
  switch (action) {
    case 'publish':
    case 'update':
      return 'published';
    case 'review':
      return 'review';
    case 'schedule':
    case 'reschedule':
      return 'scheduled';
    case 'archive':
      return 'archived';
    default:
      return 'draft';
  }
}

/** Whether something has to be said first: a time, whether a change is minor, or that something is lost. */
export function takesQuestion(action: StageAction): boolean {
  return ['update', 'schedule', 'reschedule', 'archive', 'discard'].includes(action);
}

export const iconOf: Readonly<Record<StageAction, IconName>> = {
  publish: 'globe',
  update: 'globe',
  review: 'eye',
  backToDraft: 'pen',
  schedule: 'clock',
  reschedule: 'clock',
  unschedule: 'x',
  archive: 'archive',
  unarchive: 'pen',
  discard: 'history',
  reviewed: 'check',
};
