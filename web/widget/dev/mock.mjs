// A stand-in for the server while working on the widget: serves the built files under the real content
// policy, a host page on another origin, and enough of the API to chat with oneself.
//   node widget/dev/mock.mjs   then open the printed address
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const dist =
  process.env['VERIDESK_DIST'] ??
  process.env['DIST'] ??
  new URL('../../../internal/web/assets/dist', import.meta.url).pathname;
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "font-src 'self'; frame-ancestors http://127.0.0.1:*; base-uri 'none'; form-action 'self'; " +
  "require-trusted-types-for 'script'";
const words = {
  en: {
    name: 'Meridian',
    iron: 'Support never asks for your recovery phrase, private key, password, one-time code, or any transfer.',
    scenarios: [
      [
        'login_code',
        'Forgot password, or no code arrives',
        'The e-mail or phone number of the account, and which code is missing.',
      ],
      [
        'transfer_trouble',
        'Deposit or withdrawal failed or late',
        'TxID, network, amount and time of the transfer.',
      ],
      ['locked_out', 'I cannot log in, or my account is locked', 'What the app says, word for word.'],
      ['how_to', 'How does something work?', 'The name of the feature.'],
      ['suspected_theft', 'Something is wrong with my account', 'What you saw, and when.'],
      ['feedback', 'Suggestion or product feedback', 'What you would change.'],
      ['appeal', 'Formal appeal', 'The decision you appeal against, and documents.'],
    ],
    fields: [
      { key: 'uid', label: 'Account UID', where: 'In the app under “Me”, below your name.' },
      { key: 'txid', label: 'TxID', where: 'In the withdrawal’s details at the sender.' },
    ],
    articles: [
      [
        'My deposit has not arrived',
        'Most deposits arrive after the network’s confirmations. Check the network first.',
      ],
      ['Reset your password', 'Choose “Forgot password” and follow the code sent to you.'],
      ['No verification code arrives', 'Check the spam folder, the time of your device and your number.'],
      ['Withdraw to your own wallet', 'Choose the network that your wallet supports, then confirm.'],
    ],
    html: '<p>Most deposits arrive within <strong>30 minutes</strong>, once the network has confirmed them.</p><h2>Check first</h2><ul><li>The network you sent on is the one you chose for the address.</li><li>The amount is above the minimum.</li></ul><p>See also <a href="/en/a/transfers/a1">Reset your password</a>.</p>',
    hello:
      'Hello, this is Lin from Meridian. I am looking at your deposit now. **Please do not send it again.** The steps are here: https://help.meridian.example/en/a/transfers/a0.',
    mine: 'My deposit of 0.5 ETH has not arrived. TxID 0x8f3c…21',
  },
  'zh-CN': {
    name: '子午交易所',
    iron: '客服绝不会索要您的助记词、私钥、密码、验证码，也不会要求任何转账。',
    scenarios: [
      ['login_code', '忘记密码或收不到验证码', '账户邮箱或手机号，以及收不到哪种验证码。'],
      ['transfer_trouble', '充值或提现失败、未到账', 'TxID、网络、金额和时间。'],
      ['locked_out', '无法登录或账户被锁定', 'App 显示的原文提示。'],
      ['how_to', '不清楚某个功能怎么用', '功能名称。'],
      ['suspected_theft', '账户异常，疑似被盗', '发现了什么，什么时候发现的。'],
      ['feedback', '建议与产品反馈', '您希望改进什么。'],
      ['appeal', '正式申诉', '您要申诉的决定以及相关材料。'],
    ],
    fields: [
      { key: 'uid', label: '账户 UID', where: '在 App「我的」页面，昵称下方。' },
      { key: 'txid', label: '交易哈希（TxID）', where: '在转出方的提现详情中。' },
    ],
    articles: [
      ['充值没有到账怎么办', '大多数充值在网络确认后到账，请先核对网络是否一致。'],
      ['重置登录密码', '点击“忘记密码”，按收到的验证码操作。'],
      ['收不到验证码', '检查垃圾邮件、设备时间以及手机号码。'],
      ['提现到自己的钱包', '选择钱包支持的网络，然后确认。'],
    ],
    html: '<p>大多数充值会在网络确认后 <strong>30 分钟</strong>内到账。</p><h2>先核对</h2><ul><li>发送时选择的网络与充值地址一致。</li><li>金额不低于最小充值额。</li></ul><p>另见 <a href="/zh-CN/a/transfers/a1">重置登录密码</a>。</p>',
    hello:
      '您好，我是子午交易所的客服小林，正在核查您的充值。**请不要重复转账。** 步骤见 https://help.meridian.example/zh-CN/a/transfers/a0 。',
    mine: '我充值的 0.5 ETH 没有到账，TxID 0x8f3c…21',
  },
};

/** Starts it; gives the origins of support and of the host page, and handles for tests. */
export async function startMock({ failSends = 0 } = {}) {
  const conversations = new Map();
  const uploads = new Map();
  const places = new Map();
  const streams = new Set();
  const state = { failSends, down: false, channel: {} };
  const us = () => Date.now() * 1000;
  const view = (c) => ({ ...c, messages: undefined });
  const push = (data) => {
    for (const s of streams)
      s.write(`${JSON.stringify({ push: { channel: 'visitor:1', pub: { data } } })}\n`);
  };
  const add = (c, over) => {
    const prev = c.seq;
    c.seq++;
    const m = {
      id: `${c.id}-${c.seq}`,
      conversation_id: c.id,
      seq: c.seq,
      prev,
      client_id: '',
      author_kind: 'agent',
      author_id: '9',
      author_name: 'Lin',
      visibility: 'public',
      body: '',
      created_at: us(),
      ...over,
    };
    if (/abandon/.test(m.body))
      Object.assign(m, { body: '[recovery phrase removed]', findings: [{ kind: 'bip39', words: 12 }] });
    c.messages.push(m);
    c.last_message = {
      seq: m.seq,
      author_kind: m.author_kind,
      preview: m.body.slice(0, 140),
      created_at: m.created_at,
    };
    c.updated_at = m.created_at;
    return m;
  };
  const open = (scenario = '') => {
    const id = String(41 + conversations.size);
    const c = {
      id,
      number: `VD-10${id}`,
      channel: 'chat',
      status: 'open',
      scenario,
      subject: '',
      team_id: '1',
      assignee_id: '',
      priority: 'normal',
      entity: 'main',
      region: '',
      locale: 'en',
      seq: 0,
      contact_read_seq: 0,
      agent_read_seq: 0,
      contact_seq: 0,
      created_at: us(),
      updated_at: us(),
      resolved_at: 0,
      waiting_since: 0,
      assigned_at: 0,
      previous_agent_id: '',
      mode: 'live',
      ended_by: '',
      rating: 0,
      messages: [],
    };
    conversations.set(id, c);
    return c;
  };
  const say = (c, over) => {
    const m = add(c, over);
    push({ type: 'message', conversation_id: c.id, contact_id: '1', message: m, conversation: view(c) });
  };

  const attachment = (u) => ({
    id: u.id,
    name: u.name,
    mime: /png$/.test(u.name) ? 'image/png' : 'application/octet-stream',
    size: u.size,
    ...(/png$/.test(u.name) && { width: 800, height: 500, preview_url: `/files/${u.id}?preview` }),
    ...(/(exe|html)$/.test(u.name) && { active: true }),
    url: `/files/${u.id}`,
  });

  function api(method, url, body, locale) {
    const w = words[locale];
    const path = url.pathname.replace('/api/v1', '');
    if (path === '/widget/config') {
      return [
        200,
        {
          brand: {
            name: w.name,
            site_url: 'https://meridian.example',
            help_url: url.origin,
            verify_url: 'https://meridian.example/verify',
          },
          entity: 'main',
          locale,
          locales: ['en', 'zh-CN'],
          channels: [
            {
              kind: 'chat',
              open: true,
              waiting: 2,
              wait_low: 60,
              wait_high: 180,
              opens_at: 0,
              reason: '',
              ...state.channel,
            },
          ],
          fields: w.fields,
          retention_days: 365,
          max_file_bytes: 25_000_000,
          login: true,
          push_key: '',
          iron_rule: w.iron,
          scenarios: w.scenarios.map(([key, title, hint]) => ({ key, title, hint, fields: w.fields })),
          privacy_url: 'https://meridian.example/privacy',
          demo: true,
        },
      ];
    }
    if (path === '/visitor/session')
      return [200, { token: 'tok', contact: { id: '1', kind: 'visitor', email: '', uid: '' }, merged: 0 }];
    const hits = w.articles.map(([title, excerpt], i) => ({
      slug: `a${i}`,
      category: 'transfers',
      title,
      summary: excerpt,
      excerpt,
      spans: [],
      url: `${url.origin}/${locale}/a/transfers/a${i}`,
    }));
    if (path === '/articles') {
      const q = (url.searchParams.get('q') ?? '').toLowerCase();
      const found = hits.filter((h) => !q || (h.title + h.excerpt).toLowerCase().includes(q));
      for (const h of found) {
        const at = Array.from(h.excerpt.toLowerCase()).join('').indexOf(q);
        if (q && at >= 0) h.spans = [[at, at + Array.from(q).length]];
      }
      return [200, { articles: found }];
    }
    if (path.startsWith('/articles/'))
      return [200, { ...hits[Number(path.slice(-1))], html: w.html, updated_at: us(), locale }];
    if (path === '/visitor/conversations' && method === 'GET')
      return [200, { conversations: [...conversations.values()].reverse().map(view) }];
    if (path === '/visitor/requests') {
      const requests = [...conversations.values()].reverse().map((c) => ({
        conversation: view(c),
        stage:
          c.status === 'resolved'
            ? 'resolved'
            : c.status === 'waiting'
              ? 'answered'
              : (c.stage ?? 'in_queue'),
        awaiting: c.status === 'resolved' ? 'nobody' : c.status === 'waiting' ? 'you' : 'us',
        expected_low: c.status === 'open' ? us() + 3_600e6 : 0,
        expected_high: c.status === 'open' ? us() + 7_200e6 : 0,
        unread: c.last_message?.author_kind === 'agent' && c.seq > c.contact_read_seq ? 1 : 0,
      }));
      return [200, { requests }];
    }
    if (path === '/visitor/uploads') {
      const known = [...uploads.values()].find((u) => u.key === body.client_id);
      const u = known ?? {
        id: `9${uploads.size}`,
        key: body.client_id,
        name: body.name,
        size: body.size,
        offset: 0,
        chunk: 65_536,
        state: 'uploading',
        bytes: [],
      };
      uploads.set(u.id, u);
      return [known ? 200 : 201, { ...u, bytes: undefined }];
    }
    if (path.startsWith('/visitor/uploads/')) return [uploads.delete(path.split('/')[3]), 204].slice(1);
    const id = path.split('/')[3];
    const c = path === '/visitor/conversations' ? open(body.scenario) : conversations.get(id);
    if (!c) return [404, { code: 'not_found', message: 'Not found', request_id: 'r' }];
    if (path.endsWith('/read')) return ((c.contact_read_seq = body.seq), [204]);
    if (path.endsWith('/typing')) return [204];
    if (path.endsWith('/queue'))
      return [
        200,
        places.get(c.id) ?? { state: 'none', position: 0, wait_low: 0, wait_high: 0, opens_at: 0 },
      ];
    if (path.endsWith('/leave')) return ((c.mode = 'message'), [204]);
    if (path.endsWith('/transcript')) return [202, {}];
    if (path.endsWith('/rating')) return ((c.rating = body.score), [204]);
    if (path.endsWith('/end')) {
      c.status = 'resolved';
      c.ended_by = 'contact';
      say(c, {
        author_kind: 'system',
        author_name: '',
        event: { type: 'ended', from: 'open', to: 'resolved' },
      });
      return [200, view(c)];
    }
    if (method === 'POST') {
      if (state.failSends-- > 0)
        return [
          403,
          { code: 'forbidden', message: 'This conversation does not accept messages.', request_id: 'r' },
        ];
      const known = c.messages.find((m) => m.client_id === body.client_id);
      const message =
        known ??
        add(c, {
          client_id: body.client_id,
          author_kind: 'contact',
          author_name: '',
          body: body.body,
          attachments: (body.attachments ?? []).map((id) => attachment(uploads.get(id))),
        });
      return [known ? 200 : 201, { conversation: view(c), message }];
    }
    const since = url.searchParams.get('since');
    const before = Number(url.searchParams.get('before') ?? Infinity);
    const all = c.messages.filter((m) => (since ? m.seq > Number(since) : m.seq < before));
    const messages = since ? all : all.slice(-50);
    return [200, { conversation: view(c), messages, more: messages.length < all.length }];
  }

  const support = createServer(async (req, res) => {
    const url = new URL(req.url, `http://${req.headers.host}`);
    if (state.down) return req.socket.destroy();
    const parts = [];
    for await (const part of req) parts.push(part);
    const raw = Buffer.concat(parts);
    const file_ = uploads.get(url.pathname.split('/').pop());
    if (file_ && req.method === 'PATCH') {
      await new Promise((r) => setTimeout(r, state.slow ?? 0));
      file_.bytes.push(raw);
      file_.offset += raw.length;
      if (file_.offset >= file_.size) file_.state = 'ready';
      if (/virus/.test(file_.name) && file_.state === 'ready')
        Object.assign(file_, { state: 'refused', problem: 'A virus was found in this file.' });
      res.writeHead(200, { 'Content-Type': 'application/json' });
      return res.end(JSON.stringify({ ...file_, bytes: undefined }));
    }
    if (url.pathname.startsWith('/files/') && file_) {
      res.writeHead(200, { 'Content-Type': 'image/png' });
      return res.end(Buffer.concat(file_.bytes));
    }
    const text = raw.toString();
    if (url.pathname === '/realtime/http_stream') {
      res.writeHead(200, { 'Content-Type': 'application/json' });
      res.write(
        `${JSON.stringify({ id: 1, connect: { client: 'c', ping: 25, pong: true, session: 's', node: 'n' } })}\n`,
      );
      streams.add(res);
      res.on('close', () => streams.delete(res));
      return;
    }
    if (url.pathname.startsWith('/api/')) {
      const locale = url.searchParams.get('locale') ?? req.headers['accept-language']?.split(',')[0] ?? 'en';
      const [status, body] = api(
        req.method,
        url,
        text ? JSON.parse(text) : {},
        words[locale] ? locale : locale === 'zh-TW' ? 'zh-CN' : 'en',
      );
      res.writeHead(status, { 'Content-Type': 'application/json', 'X-Request-Id': 'r' });
      return res.end(body === undefined ? undefined : JSON.stringify(body));
    }
    const at = /^\/app(\/(sw\.js|manifest\.webmanifest|icon\.svg))?/.exec(url.pathname);
    const file = join(dist, at ? `widget/${at[2] ?? 'app.html'}` : normalize(url.pathname));
    if (!file.startsWith(dist) || !existsSync(file) || !extname(file)) return res.writeHead(404).end();
    res.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': csp,
    });
    createReadStream(file).pipe(res);
  });
  const listen = (server, port) =>
    new Promise((ok) =>
      server.listen(port, '127.0.0.1', () => ok(`http://127.0.0.1:${server.address().port}`)),
    );
  const origin = await listen(support, 0);
  const page = createServer((req, res) => {
    const q = new URL(req.url, 'http://x').searchParams;
    const data = [...q].map(([k, v]) => ` data-${k}="${v.replace(/[^#\w-]/g, '')}"`).join('');
    const strict = "default-src 'none'; style-src 'none'; script-src " + origin + '; frame-src ' + origin;
    res.writeHead(200, { 'Content-Type': types['.html'], 'Content-Security-Policy': strict });
    res.end(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Exchange</title><main><h1>Meridian Exchange</h1><p>Markets</p></main><script async src="${origin}/widget/loader.js"${data}></script></html>`,
    );
  });
  const host = await listen(page, 0);
  return {
    origin,
    host,
    words,
    state,
    open,
    add,
    say,
    push,
    conversations,
    uploads,
    places,
    attachment,
    view,
    close: () => [support, page].forEach((s) => (s.closeAllConnections(), s.close())),
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { host } = await startMock();
  console.log(host);
}
