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
export { VisitorApi, type SessionRequest } from './visitor_api';
export { visitorMore, type PushAddress, type VisitorMore } from './visitor_more';
export { StaffApi } from './staff_api';
export { HelpApi } from './help_api';
export { backoff } from './backoff';
export { Timeline } from './timeline';
export {
  SendQueue,
  type Outgoing,
  type OutboxStore,
  type OutgoingFile,
  type SendQueueOptions,
  type Start,
} from './send_queue';
export { fileLost, fileReady, fileRefused, fileRemoved } from './send_files';
export { Uploads, visitorUploads, type UploadState, type UploadsOptions } from './uploads';
export { RealtimeClient, type RealtimeOptions, type RealtimeState } from './realtime';
