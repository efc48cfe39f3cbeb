// Calls to the server that served this page. A key, where the server wants one, is kept in this tab only.

const KEY = 'hart-key';

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? '';
  }
}

function headers(more = {}) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...more, Authorization: `Bearer ${key}` } : more;
}

let asking = null;

/** Asks for the key once, however many calls need it. */
function askForKey() {
  asking ??= new Promise(resolve => {
    const dialog = document.getElementById('key-dialog');
    document.getElementById('key-form').addEventListener('submit', () => {
      sessionStorage.setItem(KEY, document.getElementById('key').value);
      asking = null;
      resolve();
    }, { once: true });
    dialog.addEventListener('cancel', event => event.preventDefault());
    dialog.showModal();
  });
  return asking;
}

async function send(path, init) {
  for (;;) {
    const response = await fetch(path, { ...init, headers: headers(init.headers) });
    if (response.status === 401) {
      sessionStorage.removeItem(KEY);
      await askForKey();
      continue;
    }
    if (!response.ok) {
      throw new ApiError(response.status, await response.json().catch(() => null));
    }
    return response;
  }
}

export async function get(path) {
  return (await send(path, {})).json();
}

export async function post(path, body) {
  const init = { method: 'POST' };
  if (body !== undefined) {
    init.headers = { 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  return (await send(path, init)).json();
}

/** A file of the server, saved under a name; a plain link could not send a key. */
export async function save(path, name) {
  saveBlob(await (await send(path, {})).blob(), name);
}

/** An object saved as a JSON file. */
export function saveJson(value, name) {
  saveBlob(new Blob([JSON.stringify(value)], { type: 'application/json' }), name);
}

function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/**
 * Follows server-sent events from behind the id `after` until they end, and returns the last one's id. Uses fetch instead
 * of EventSource, which cannot send a key.
 */
export async function follow(path, after, onEvent, signal) {
  const response = await send(path, {
    headers: { Accept: 'text/event-stream', ...(after ? { 'Last-Event-ID': String(after) } : {}) },
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let seen = after;
  let buffer = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return seen;
    }
    buffer += value;
    const messages = buffer.split('\n\n');
    buffer = messages.pop();
    for (const message of messages) {
      const fields = Object.fromEntries(message.split('\n').filter(line => !line.startsWith(':'))
        .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]));
      if (fields.data) {
        seen = fields.id ?? seen;
        onEvent(fields.event, JSON.parse(fields.data), seen);
      }
    }
  }
}
