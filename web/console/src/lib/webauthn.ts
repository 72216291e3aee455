// Passkeys: the server speaks JSON with base64url (WebAuthn Level 3 §5.1.8 "parseCreationOptionsFromJSON"), the browser's
// older calls speak ArrayBuffer. Written out, because not every browser our agents use has the parsing functions.

export function toBase64url(buffer: ArrayBuffer): string {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Throws DOMException when the text is not base64url. */
export function fromBase64url(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) bytes[i] = plain.charCodeAt(i);
  return bytes.buffer;
}

interface DescriptorJSON {
  type: PublicKeyCredentialType;
  id: string;
  transports?: AuthenticatorTransport[];
}

export interface RequestJSON extends Omit<
  PublicKeyCredentialRequestOptions,
  'challenge' | 'allowCredentials' | 'extensions'
> {
  challenge: string;
  allowCredentials?: DescriptorJSON[];
}

export interface CreationJSON extends Omit<
  PublicKeyCredentialCreationOptions,
  'challenge' | 'user' | 'excludeCredentials' | 'extensions'
> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: DescriptorJSON[];
}

export interface CredentialJSON {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment?: string;
  response: Record<string, string | string[]>;
  clientExtensionResults: AuthenticationExtensionsClientOutputs;
}

function descriptors(list: DescriptorJSON[] | undefined): PublicKeyCredentialDescriptor[] | undefined {
  return list?.map((d) => ({ ...d, id: fromBase64url(d.id) }));
}

export function requestOptions(json: RequestJSON): PublicKeyCredentialRequestOptions {
  const { challenge, allowCredentials, ...rest } = json;
  const allowed = descriptors(allowCredentials);
  return {
    ...rest,
    challenge: fromBase64url(challenge),
    ...(allowed === undefined ? {} : { allowCredentials: allowed }),
  };
}

export function creationOptions(json: CreationJSON): PublicKeyCredentialCreationOptions {
  const { challenge, user, excludeCredentials, ...rest } = json;
  const excluded = descriptors(excludeCredentials);
  return {
    ...rest,
    challenge: fromBase64url(challenge),
    user: { ...user, id: fromBase64url(user.id) },
    ...(excluded === undefined ? {} : { excludeCredentials: excluded }),
  };
}

function outer(credential: PublicKeyCredential, response: CredentialJSON['response']): CredentialJSON {
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    ...(credential.authenticatorAttachment === null
      ? {}
      : { authenticatorAttachment: credential.authenticatorAttachment }),
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

export function supported(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'credentials' in navigator;
}

/** Asks for a passkey. Null when the person closed the browser's dialog. */
export async function assertion(publicKey: RequestJSON): Promise<CredentialJSON | null> {
  const got = await cancellable(navigator.credentials.get({ publicKey: requestOptions(publicKey) }));
  if (!(got instanceof PublicKeyCredential)) return null;
  const r = got.response as AuthenticatorAssertionResponse;
  return outer(got, {
    clientDataJSON: toBase64url(r.clientDataJSON),
    authenticatorData: toBase64url(r.authenticatorData),
    signature: toBase64url(r.signature),
    ...(r.userHandle === null ? {} : { userHandle: toBase64url(r.userHandle) }),
  });
}

/** Makes a passkey. Null when the person closed the browser's dialog. */
export async function creation(publicKey: CreationJSON): Promise<CredentialJSON | null> {
  const got = await cancellable(navigator.credentials.create({ publicKey: creationOptions(publicKey) }));
  if (!(got instanceof PublicKeyCredential)) return null;
  const r = got.response as AuthenticatorAttestationResponse;
  return outer(got, {
    clientDataJSON: toBase64url(r.clientDataJSON),
    attestationObject: toBase64url(r.attestationObject),
    transports: typeof r.getTransports === 'function' ? r.getTransports() : [],
  });
}

async function cancellable(asking: Promise<Credential | null>): Promise<Credential | null> {
  try {
    return await asking;
  } catch (error) {
    // NotAllowedError: closed, refused or timed out; the browser does not say which (WebAuthn §5.1.3).
    if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError'))
      return null;
    throw error;
  }
}
