/**
 * Veridesk's client library: API, realtime, send queue, timeline. No document, no storage and no clock of
 * its own choosing: whatever belongs to a page is passed in.
 */
export * from './types';
export type * from './staff_types';
export type * from './help_types';
export { RequestError } from './errors';
export { Http, type HttpOptions, type RequestOptions } from './http';
export { newId } from './ids';
export { VisitorApi } from './visitor_api';
export { StaffApi } from './staff_api';
export { HelpApi } from './help_api';
export { backoff } from './backoff';
export { Timeline } from './timeline';
export { SendQueue, type Outgoing, type OutboxStore, type SendQueueOptions } from './send_queue';
export { RealtimeClient, type RealtimeOptions, type RealtimeState } from './realtime';
