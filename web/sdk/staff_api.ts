import { Http, type HttpOptions } from './http';
import type * as t from './staff_types';
import type {
  Accepted,
  Conversation,
  Id,
  MessagePage,
  Micros,
  Presence,
  ScenarioKey,
  Seq,
  Upload,
} from './types';

type Query = Readonly<Record<string, string | number | undefined>>;
type Ok = { status: 'ok' };
/** WebAuthn options and credentials in their JSON form. */
type WebAuthnJson = Record<string, unknown>;

/** What the console asks the server, by session cookie. Every method throws RequestError. */
export class StaffApi {
  private readonly http: Http;
  constructor(options: HttpOptions = {}) {
    this.http = new Http(options);
  }
  private get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.http.request(`/api/v1${path}`, { query, ...(signal && { signal }) });
  }
  private post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.http.request(`/api/v1${path}`, { method: 'POST', body });
  }
  private patch<T>(path: string, body: unknown): Promise<T> {
    return this.http.request(`/api/v1${path}`, { method: 'PATCH', body });
  }
  private put<T>(path: string, body: unknown): Promise<T> {
    return this.http.request(`/api/v1${path}`, { method: 'PUT', body });
  }
  private bytes<T>(
    path: string,
    body: Blob,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.http.request(`/api/v1${path}`, { method: 'PATCH', body, headers, signal, timeout: 120_000 });
  }
  private remove(path: string): Promise<void> {
    return this.http.request(`/api/v1${path}`, { method: 'DELETE' });
  }

  /* Sign-in */
  me = () => this.get<t.Me>('/auth/me');
  signIn = (email: string, password: string) =>
    this.post<t.SignInAnswer>('/auth/sign-in', { email, password });
  /** A time-based code or a recovery code. */
  totp = (code: string) => this.post<Ok>('/auth/totp', { code });
  passkeyBegin = () => this.post<{ publicKey: WebAuthnJson }>('/auth/passkey/begin');
  passkeyFinish = (credential: WebAuthnJson) => this.post<Ok>('/auth/passkey/finish', { credential });
  signOut = () => this.post<void>('/auth/sign-out');
  setup = (token: string) => this.get<{ expires_at: Micros }>(`/auth/setup/${esc(token)}`);
  finishSetup = (token: string, admin: { name: string; email: string; password: string; locale: string }) =>
    this.post<Ok>(`/auth/setup/${esc(token)}`, admin);
  invitation = (token: string) => this.get<t.Invitation>(`/auth/invitation/${esc(token)}`);
  acceptInvitation = (token: string, agent: { name: string; password: string; locale: string }) =>
    this.post<Ok>(`/auth/invitation/${esc(token)}`, agent);

  /* Own account */
  sessions = () => this.get<{ sessions: t.AgentSession[] }>('/account/sessions');
  revokeSession = (id: Id) => this.remove(`/account/sessions/${esc(id)}`);
  revokeOtherSessions = () => this.post<void>('/account/sessions/revoke-others');
  totpBegin = () => this.post<t.TotpSetup>('/account/totp/begin');
  totpConfirm = (code: string) => this.post<{ recovery_codes: string[] }>('/account/totp/confirm', { code });
  totpDisable = (password: string) => this.post<void>('/account/totp/disable', { password });
  passkeys = () => this.get<{ passkeys: t.Passkey[] }>('/account/passkeys');
  newPasskeyBegin = () => this.post<{ publicKey: WebAuthnJson }>('/account/passkeys/begin');
  newPasskeyFinish = (name: string, credential: WebAuthnJson) =>
    this.post<void>('/account/passkeys/finish', { name, credential });
  removePasskey = (id: Id) => this.remove(`/account/passkeys/${esc(id)}`);
  changePassword = (current: string, next: string) =>
    this.post<void>('/account/password', { current, new: next });
  updateAccount = (a: { name?: string; locale?: string; theme?: string }) =>
    this.patch<unknown>('/account', a);

  /* Staff */
  agents = () => this.get<{ agents: t.StaffMember[] }>('/staff/agents');
  updateAgent = (
    id: Id,
    a: Partial<Pick<t.StaffMember, 'role' | 'status' | 'teams' | 'capacity' | 'locales' | 'skills'>>,
  ) => this.patch<unknown>(`/staff/agents/${esc(id)}`, a);
  invitations = () => this.get<{ invitations: t.StaffInvitation[] }>('/staff/invitations');
  invite = (i: { email: string; role: string; teams: Id[]; locale: string }) =>
    this.post<{ link?: string }>('/staff/invitations', i);
  removeInvitation = (id: Id) => this.remove(`/staff/invitations/${esc(id)}`);
  resendInvitation = (id: Id) => this.post<{ link?: string }>(`/staff/invitations/${esc(id)}/resend`);
  teams = () => this.get<{ teams: t.Team[] }>('/staff/teams');
  createTeam = (team: { name: string; entity: string; region: string }) =>
    this.post<unknown>('/staff/teams', team);
  updateTeam = (id: Id, team: Partial<Pick<t.Team, 'name' | 'entity' | 'region' | 'hours' | 'queue'>>) =>
    this.patch<unknown>(`/staff/teams/${esc(id)}`, team);
  audit = (q: { before?: string; limit?: number } = {}) =>
    this.get<{ entries: t.AuditEntry[]; next: string }>('/audit', q);
  jobs = (state: t.JobState) => this.get<{ jobs: t.Job[] }>('/jobs', { state });
  replayJob = (id: Id) => this.post<void>(`/jobs/${esc(id)}/replay`);

  /* Conversations */
  conversations = (
    q: { view: t.View; team?: Id; q?: string; cursor?: string; limit?: number },
    signal?: AbortSignal,
  ) => this.get<t.ConversationList>('/conversations', q, signal);
  counts = () => this.get<t.Counts>('/conversations/counts');
  conversation = (id: Id, signal?: AbortSignal) =>
    this.get<t.ConversationHead>(`/conversations/${esc(id)}`, {}, signal);
  messages = (id: Id, q: { since?: Seq; before?: Seq; limit?: number } = {}, signal?: AbortSignal) =>
    this.get<MessagePage>(`/conversations/${esc(id)}/messages`, q, signal);
  reply = (id: Id, r: t.NewReply) => this.post<Accepted>(`/conversations/${esc(id)}/messages`, r);
  update = (id: Id, p: t.ConversationPatch) =>
    this.patch<{ conversation: Conversation }>(`/conversations/${esc(id)}`, p);
  read = (id: Id, seq: Seq) => this.post<void>(`/conversations/${esc(id)}/read`, { seq });
  unread = (id: Id) => this.post<void>(`/conversations/${esc(id)}/unread`);
  typing = (id: Id) => this.post<void>(`/conversations/${esc(id)}/typing`);
  searchMessages = (q: string, limit = 50, signal?: AbortSignal) =>
    this.get<{ hits: t.SearchHit[] }>('/search/messages', { q, limit }, signal);
  /** Back to the queue of its team. */
  giveBack = (id: Id, note = '') =>
    this.post<{ conversation: Conversation }>(
      `/conversations/${esc(id)}/return`,
      note === '' ? {} : { note },
    );
  /** To a team's queue or to one agent; the note is kept as a private note. */
  handOver = (id: Id, to: { team_id: Id; note: string } | { agent_id: Id; note: string }) =>
    this.post<{ conversation: Conversation }>(`/conversations/${esc(id)}/handover`, to);

  /* Files; see uploads.ts for who calls these in which order. */
  createUpload = (clientId: string, name: string, size: number) =>
    this.post<Upload>('/uploads', { client_id: clientId, name, size });
  appendUpload = (id: Id, offset: number, bytes: Blob, signal: AbortSignal) =>
    this.bytes<Upload>(
      `/uploads/${esc(id)}`,
      new Blob([bytes], { type: 'application/offset+octet-stream' }),
      { 'Upload-Offset': String(offset) },
      signal,
    );
  removeUpload = (id: Id) => this.remove(`/uploads/${esc(id)}`);

  /* Queue */
  presence = () => this.get<{ presence: Presence }>('/me/presence');
  setPresence = (state: t.PresenceState, minutes?: number) =>
    this.put<{ presence: Presence }>('/me/presence', minutes === undefined ? { state } : { state, minutes });
  queue = (signal?: AbortSignal) => this.get<t.Queue>('/queue', {}, signal);
  /** The next one that this agent may take; not_found when there is none. */
  takeNext = () => this.post<{ conversation: Conversation }>('/queue/next');
  queueSettings = () => this.get<t.QueueSettings>('/queue/settings');
  saveQueueSettings = (s: t.QueueSettings) => this.put<t.QueueSettings>('/queue/settings', s);

  scenarios = (locale: string) =>
    this.get<{ scenarios: { key: ScenarioKey; title: string }[] }>('/scenarios', { locale });
}

function esc(segment: string): string {
  return encodeURIComponent(segment);
}
