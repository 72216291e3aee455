// Who may come in, and as what. If this fails, either nobody can work or anybody can.
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { Agent } from './stage/agent';
import { onEachEngine, sqlite, test, type Cast } from './stage/cast';
import { totp } from './stage/totp';

const password = 'a calm harbour in the fog';

async function fillNewAccount(agent: Agent, name: string, submit: string): Promise<void> {
  await agent.page.getByLabel(agent.t.auth.yourName).fill(name);
  await agent.page.getByLabel(agent.t.auth.newPassword).fill(password);
  await agent.page.getByRole('button', { name: submit, exact: true }).click();
}

/** Invites somebody as the demo's administrator and lets them accept. */
async function colleague(cast: Cast, email: string, role: string): Promise<Agent> {
  const lin = await cast.agent(sqlite, { email: 'lin@meridian.example', locale: 'zh-CN' });
  await lin.page.goto(`${sqlite.url}/console/settings/staff`);
  await lin.page.getByRole('button', { name: lin.t.staff.invite, exact: true }).click();
  const form = lin.page.getByRole('dialog');
  await form.getByLabel(lin.t.common.email).fill(email);
  await form.getByLabel(lin.t.staff.role).selectOption(role);
  await form.getByLabel(lin.t.staff.inviteLanguage).selectOption('en');
  await form.getByRole('checkbox').first().check();
  await form.getByRole('button', { name: lin.t.staff.inviteSend }).click();
  await lin.page.getByText(lin.t.staff.invited(email)).waitFor();
  const joining = new Agent(await cast.page({ locale: 'en' }), sqlite, 'en');
  const letter = joining.page.locator('.letter').filter({ hasText: email });
  await expect
    .poll(async () => {
      await joining.page.goto(`${sqlite.url}/demo/mail`);
      return letter.count();
    })
    .toBe(1);
  await joining.page.goto((await letter.getByRole('link').first().getAttribute('href')) ?? '');
  await joining.page.getByText(joining.t.auth.inviteTitle).waitFor();
  await joining.page.getByText(email).first().waitFor();
  await fillNewAccount(joining, email.split('@')[0] ?? '', joining.t.auth.inviteSubmit);
  await joining.isIn();
  return joining;
}

async function settings(agent: Agent, section: string): Promise<void> {
  await agent.page.goto(`${sqlite.url}/console/settings/${section}`);
  await agent.page.getByRole('heading', { level: 1 }).waitFor();
}

async function signOut(agent: Agent): Promise<void> {
  await agent.page.goto(`${sqlite.url}/console/inbox/mine`);
  await agent.isIn();
  await agent.page.getByText(agent.t.account.menu).click();
  await agent.page.getByRole('menuitem', { name: agent.t.account.signOut }).click();
  await agent.page.getByRole('button', { name: agent.t.auth.submit, exact: true }).waitFor();
}

const sections = (page: Page) => page.locator('aside nav a').allInnerTexts();

describe('coming in', () => {
  onEachEngine('the first administrator sets the desk up by a link that works once', async (cast, engine) => {
    cast.tolerate(/status of 404.*\/auth\/setup/);
    const server = await cast.server(engine, { demo: false });
    const link = /http:\/\/\S+\/console\/setup\/\S+/.exec(server.output)?.[0] ?? '';
    const first = new Agent(await cast.page({ locale: 'en' }), server, 'en');
    await first.page.goto(link);
    await first.page.getByText(first.t.auth.setupTitle).waitFor();
    await first.page.getByLabel(first.t.common.email).fill('ada@desk.example');
    await fillNewAccount(first, 'Ada', first.t.auth.setupSubmit);
    await first.isIn();
    await first.page
      .getByText(first.t.roles['admin'] ?? '')
      .first()
      .waitFor();
    const second = new Agent(await cast.page({ locale: 'zh-CN' }), server, 'zh-CN');
    await second.page.goto(link);
    await second.page.getByText(second.t.auth.setupGone).waitFor();
    await second.page.goto(`${server.url}/console`);
    await second.fillSignIn('ada@desk.example', password);
    await second.page.getByRole('navigation').first().waitFor();
  });

  test('an invited colleague sees and may do what their role allows, no more', async ({ cast }) => {
    const customer = await cast.customer(sqlite, 'en');
    await customer.begin('May I see my file?', 'appeal');
    const agent = await colleague(cast, 'olga@desk.example', 'auditor');
    await agent.page.goto(`${sqlite.url}/console/inbox/all`);
    await agent.open('May I see my file?');
    await agent.page.getByText(agent.t.composer.noPermission).waitFor();
    expect(await agent.page.getByRole('button', { name: agent.t.thread.resolve, exact: true }).count()).toBe(
      0,
    );
    await settings(agent, 'profile');
    expect(await sections(agent.page)).toContain(agent.t.settings.audit);
    expect(await sections(agent.page)).not.toContain(agent.t.settings.jobs);
    const status = await agent.page.evaluate(async () => {
      const { conversations } = (await (await fetch('/api/v1/conversations?view=all')).json()) as {
        conversations: { id: string }[];
      };
      const answer = await fetch(`/api/v1/conversations/${conversations[0]?.id}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_id: 'forbidden-1', body: 'I may not say this', visibility: 'public' }),
      });
      return answer.status;
    });
    expect(status).toBe(403);
    cast.problems.length = 0; // the browser reports the refusal that was asked for
  });

  test('a code from the authenticator app is asked for, and a recovery code works once', async ({ cast }) => {
    cast.tolerate(/status of 401.*\/auth\/totp/);
    const agent = await colleague(cast, 'tomas@desk.example', 'agent');
    const { page, t } = agent;
    await settings(agent, 'security');
    await page.getByRole('button', { name: t.security.totpStart, exact: true }).click();
    const dialog = page.getByRole('dialog');
    const secret = await dialog.locator('code').innerText();
    await dialog.getByLabel(t.security.totpConfirm).fill(totp(secret, Date.now()));
    await dialog.getByRole('button', { name: t.security.totpFinish }).click();
    await dialog.getByText(t.security.recoveryLead).waitFor();
    const recovery = (await dialog.locator('li').allInnerTexts())[0] ?? '';
    await dialog.getByRole('button', { name: t.security.recoveryDone }).click();
    await page.getByText(t.security.totpOn).waitFor();

    await signOut(agent);
    const withCode = async (code: string) => {
      await agent.fillSignIn('tomas@desk.example', password);
      await page.getByLabel(t.auth.totpCode).fill(code);
      await page.getByRole('button', { name: t.auth.totpSubmit }).click();
    };
    await withCode('000000');
    await page.getByText(t.auth.totpWrong).waitFor();
    // The next code: the one that switched it on is spent.
    await page.getByLabel(t.auth.totpCode).fill(totp(secret, Date.now() + 30_000));
    await page.getByRole('button', { name: t.auth.totpSubmit }).click();
    await agent.isIn();
    await signOut(agent);
    await withCode(recovery);
    await agent.isIn();
    await signOut(agent);
    await withCode(recovery);
    await page.getByText(t.auth.totpWrong).waitFor();
  });

  test('a passkey opens the console without a password', async ({ cast }) => {
    const agent = await colleague(cast, 'pia@desk.example', 'agent');
    const { page, t } = agent;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await settings(agent, 'security');
    await page.getByRole('button', { name: t.security.passkeyAdd, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(t.security.passkeyName).fill('Test laptop');
    await dialog.getByRole('button', { name: t.security.passkeyAdd, exact: true }).click();
    await page.getByText('Test laptop').first().waitFor();
    await signOut(agent);
    await page.getByRole('button', { name: t.auth.passkey }).click();
    await agent.isIn();
  });

  test('a session that was ended elsewhere is over at once', async ({ cast }) => {
    const email = 'rosa@meridian.example';
    cast.tolerate(/status of 401/, /WebSocket/);
    const lost = await cast.agent(sqlite, { email });
    await lost.view('all');
    const agent = await cast.agent(sqlite, { email });
    await settings(agent, 'security');
    await agent.page.getByRole('button', { name: agent.t.security.sessionOthers }).click();
    await agent.page.getByText(agent.t.security.sessionsEnded).waitFor();
    await lost.page.getByText(lost.t.auth.expired).waitFor();
    expect(await lost.page.getByRole('navigation').count()).toBe(0);
    await agent.page.reload();
    await agent.page.getByText(agent.t.security.sessionCurrent).waitFor();
  });

  test('somebody who guesses passwords is slowed down, and told for how long', async ({ cast }) => {
    cast.tolerate(/status of (401|429)/);
    const agent = new Agent(await cast.page({ locale: 'en' }), sqlite, 'en');
    await agent.page.goto(`${sqlite.url}/console`);
    for (let i = 0; i < 5; i++) {
      const answered = agent.page.waitForResponse(/\/auth\/sign-in/);
      await agent.fillSignIn('nadia@meridian.example', `wrong-${i}`);
      await answered;
      await agent.page.getByText(agent.t.auth.wrong).waitFor();
    }
    await agent.fillSignIn('nadia@meridian.example', 'wrong again');
    await agent.page.getByText(/Too many attempts\. Try again in \d+ seconds?\./).waitFor();
    expect(
      await agent.page.getByRole('button', { name: agent.t.auth.submit, exact: true }).isDisabled(),
    ).toBe(true);
  });
});
