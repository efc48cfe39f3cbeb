import { follow, get, save, saveJson } from './api.js';
import { h, moment, notice, valueText } from './dom.js';
import { graph, MOST as MOST_DRAWN } from './graph.js';

const REFRESH_MS = 5000;
const RETRY_MS = 2000;
const GATHER_MS = 150;
const PAGE = 1000;
const MOST_TASKS = 5000;
const MOST_EVENTS = 200;
const LONGEST_PAYLOAD = 300;

const STATUSES = {
  pending: ['', 'pending'],
  deferred: ['', 'deferred'],
  in_progress: ['busy', 'in progress'],
  delegated: ['busy', 'delegated'],
  resuming: ['busy', 'resuming'],
  paused: ['wait', 'paused'],
  user_stopped: ['wait', 'stopped'],
  blocked: ['wait', 'blocked'],
  completed: ['good', 'completed'],
  failed: ['bad', 'failed'],
  cancelled: ['bad', 'cancelled'],
  terminated: ['bad', 'terminated'],
  skipped: ['good', 'skipped'],
  not_applicable: ['good', 'not applicable'],
  rolled_back: ['bad', 'rolled back'],
};

/** What checkpoints say of a history that is whole. */
function signed(checkpoints, unknown, newest) {
  const agree = checkpoints ? ` Signed checkpoints that agree: ${checkpoints}.` : '';
  const aside = unknown ? ` Signed by keys not known here: ${unknown}.` : '';
  const heads = newest.heads.reduce((sum, head) => sum + head.seq, 0);
  return `${agree}${aside} The newest is of ${moment(newest.at)}, over ${heads} events, by key ${newest.key_id}.`;
}

function statusBadge(status) {
  const [tone, word] = STATUSES[status] ?? ['', status];
  return h('span', { class: `badge ${tone}`, 'data-status': status }, word);
}

const base = (agent, session) => `/api/ledgers/${encodeURIComponent(agent)}/${encodeURIComponent(session)}`;
const address = (agent, session, id) =>
  `#/ledgers/${[agent, session, ...(id ? [id] : [])].map(encodeURIComponent).join('/')}`;

/** The page of all ledgers. */
export function ledgers(page) {
  document.title = 'Ledgers - HART';
  const box = h('div', { class: 'panel scroll', id: 'ledgers' });
  const more = h('button', { id: 'more', hidden: true, click: () => load(known.at(-1)?.ledger_id).catch(told) }, 'More');
  page.append(h('h1', {}, 'Ledgers'),
    h('p', { class: 'quiet' }, 'Every run has one, and so does each session of an agent that keeps its work here.'),
    box, h('div', { class: 'buttons' }, more));
  let known = [];
  let timer;
  let left = false;

  async function load(after) {
    const answer = await get(`/api/ledgers?limit=50${after ? `&after=${encodeURIComponent(after)}` : ''}`);
    if (after) {
      known.push(...answer.ledgers);
    } else {
      const fresh = new Set(answer.ledgers.map(one => one.ledger_id));
      known = [...answer.ledgers, ...known.filter(one => !fresh.has(one.ledger_id))];
    }
    if (after || known.length === answer.ledgers.length) {
      more.hidden = !answer.next;
    }
    refill(box, known, list => list.length ? ledgerTable(list) : h('p', { class: 'empty' }, 'No ledgers yet. Each run makes one.'));
  }

  async function refresh() {
    if (!document.hidden) {
      await load().catch(told);
    }
    if (!left) {
      timer = setTimeout(refresh, REFRESH_MS);
    }
  }
  refresh();
  return () => {
    left = true;
    clearTimeout(timer);
  };
}

function ledgerTable(list) {
  return h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'Ledger'),
      h('th', { scope: 'col' }, 'Progress'),
      h('th', { scope: 'col', class: 'number' }, 'Tasks'),
      h('th', { scope: 'col', class: 'number optional' }, 'Events'),
      h('th', { scope: 'col', class: 'optional' }, 'Created'))),
    h('tbody', {}, list.map(one => h('tr', {},
      h('td', {}, h('a', { href: address(one.agent_id, one.session_id) }, one.agent_id, h('span', { class: 'quiet' }, ' / '), one.session_id),
        one.state === 'open' ? null : [' ', h('span', { class: `badge ${one.state === 'corrupt' ? 'bad' : 'wait'}` }, one.state)]),
      h('td', {}, meter(one)),
      h('td', { class: 'number' }, String(one.total)),
      h('td', { class: 'number optional' }, String(one.events)),
      h('td', { class: 'quiet optional moment' }, moment(one.created_at))))));
}

/** How many tasks have ended well, and otherwise, and are going on. */
function meter(summary) {
  const counts = { good: 0, bad: 0, busy: 0, wait: 0, '': 0 };
  for (const [status, count] of Object.entries(summary.status_breakdown)) {
    counts[(STATUSES[status] ?? [''])[0]] += count;
  }
  const words = Object.entries(summary.status_breakdown).map(([status, count]) => `${count} ${(STATUSES[status] ?? ['', status])[1]}`);
  const parts = [];
  let at = 0;
  for (const tone of ['good', 'busy', 'wait', 'bad']) {
    const width = summary.total ? counts[tone] / summary.total * 100 : 0;
    if (width) {
      parts.push(svg('rect', { class: `bar ${tone}`, x: at, y: 0, width, height: 8 }));
    }
    at += width;
  }
  return h('span', { class: 'meter', title: words.join(', ') },
    svg('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', role: 'img', 'aria-label': words.join(', ') || 'no tasks' }, parts),
    h('span', { class: 'quiet' }, summary.progress));
}

function svg(tag, attributes, children = []) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

function told(error) {
  notice(error.message);
}

/** Redraws only what changed, and leaves the focus where it was. */
function refill(box, value, draw) {
  const shown = JSON.stringify(value);
  if (box.dataset.shown === shown) {
    return;
  }
  box.dataset.shown = shown;
  const focused = box.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  box.replaceChildren(draw(value));
  if (focused) {
    [...box.querySelectorAll('a, summary, button')].find(element => keyOf(element) === focused)?.focus();
  }
}

function keyOf(element) {
  return element.dataset.key ?? element.getAttribute('href');
}

/** The page of one ledger: its tasks as a tree and as a graph, and its history as it grows. */
export function ledger(page, agent, session) {
  document.title = `${session} - HART`;
  const path = base(agent, session);
  const stop = new AbortController();
  const head = h('div', { class: 'facts', id: 'ledger-facts' });
  const verdict = h('p', { id: 'verdict', role: 'status', hidden: true });
  const closed = new Set();
  const views = {
    tasks: h('div', { class: 'panel', id: 'tree' }),
    graph: h('div', { class: 'panel', id: 'graph' }),
    history: h('div', { class: 'panel scroll', id: 'history' }),
  };
  const chosen = tabs({ tasks: 'Tasks', graph: 'Graph', history: 'History' }, views, name => {
    if (name === 'graph') {
      drawGraph();
    }
  });
  const verify = h('button', { id: 'verify', click: check }, 'Verify');
  page.append(h('a', { class: 'back', href: '#/ledgers' }, '← All ledgers'),
    h('h1', {}, agent, h('span', { class: 'quiet' }, ' / '), session), head,
    h('div', { class: 'buttons' }, verify,
      ...['json', 'dot', 'mermaid'].map(format => h('button', {
        class: 'export',
        'data-format': format,
        click: () => exported(format, `${agent}_${session}.${{ json: 'json', dot: 'dot', mermaid: 'mmd' }[format]}`).catch(told),
      }, `Export ${{ json: 'JSON', dot: 'DOT', mermaid: 'Mermaid' }[format]}`)),
      agent === 'run' ? h('a', { class: 'button', href: `#/runs/${session}` }, 'The run') : null),
    verdict, chosen, ...Object.values(views));
  let picture = null;
  const events = [];

  async function refresh() {
    const summary = await get(path);
    const list = await tasksOf(path, summary.total);
    refill(head, summary, facts);
    refill(views.tasks, list, () => tree(list, summary.total, agent, session, closed));
    picture = null;
    if (!views.graph.hidden) {
      await drawGraph();
    }
    return summary;
  }

  async function exported(format, name) {
    if (format !== 'json') {
      return save(`${path}/graph?format=${format}`, name);
    }
    const whole = await get(`${path}/graph`);
    for (let { next } = whole; next;) {
      const page = await get(`${path}/graph?after=${next}`);
      whole.tasks.push(...page.tasks);
      whole.edges.push(...page.edges);
      next = page.next;
    }
    delete whole.next;
    return saveJson({ ...whole, complete: true }, name);
  }

  async function drawGraph() {
    try {
      picture ??= await get(`${path}/graph?limit=${MOST_DRAWN + 1}`);
      refill(views.graph, picture, () => graph(picture, id => address(agent, session, id), statusOf));
    } catch (error) {
      views.graph.replaceChildren(h('p', { class: 'empty' }, error.message));
    }
  }

  async function check() {
    verify.disabled = true;
    verdict.hidden = false;
    verdict.className = 'quiet';
    verdict.textContent = 'Reading the whole history…';
    try {
      const { ok, message, events: count, checkpoints, unknown_checkpoints: unknown } = await get(`${path}/verify`);
      const newest = ok && checkpoints + unknown > 0 ? (await get(`${path}/checkpoints`)).checkpoints.at(-1) : null;
      verdict.className = ok ? 'saved' : 'panel failure';
      verdict.textContent = ok
        ? `Whole: ${count} events, every hash fits, nothing is missing.${newest ? signed(checkpoints, unknown, newest) : ' Nothing is signed yet.'}`
        : `Not what was written: ${message}.`;
      verdict.dataset.ok = ok;
    } catch (error) {
      verdict.hidden = true;
      notice(error.message);
    }
    verify.disabled = false;
  }

  function show(event) {
    events.unshift(event);
    events.splice(MOST_EVENTS);
  }

  refresh()
    .then(() => get(`${path}/events?last=${MOST_EVENTS}`))
    .then(({ events: newest, next }) => {
      newest.forEach(show);
      const redraw = () => refill(views.history, events, () => historyTable(events, agent, session));
      redraw();
      watch(`${path}/events`, next, show, () => {
        redraw();
        return refresh();
      }, stop.signal);
    })
    .catch(error => {
      chosen.hidden = true;
      Object.values(views).forEach(view => { view.hidden = true; });
      notice(error.message);
    });
  return () => stop.abort();
}

/** The page of one task: what is known of it, and what happened to it. */
export function task(page, agent, session, id) {
  document.title = `${id} - HART`;
  const path = base(agent, session);
  const stop = new AbortController();
  const body = h('div', { id: 'task' });
  const history = h('div', { class: 'panel scroll', id: 'history' });
  page.append(h('a', { class: 'back', href: address(agent, session) }, `← ${agent} / ${session}`),
    body, h('h2', {}, 'History'), history);

  async function refresh() {
    const [found, { events }] = await Promise.all([
      get(`${path}/tasks/${encodeURIComponent(id)}`), get(`${path}/tasks/${encodeURIComponent(id)}/history`)]);
    refill(body, found, () => h('div', {}, ...taskFacts(found, agent, session)));
    const newestFirst = [...events].reverse();
    refill(history, newestFirst, () => historyTable(newestFirst, agent, session, true));
  }

  get(path)
    .then(async summary => {
      await refresh();
      watch(`${path}/events`, summary.end, event => event.task_id === id, refresh, stop.signal);
    })
    .catch(error => {
      history.hidden = true;
      notice(error.message);
    });
  return () => stop.abort();
}

/** Follows a ledger's events for ever; what they change is drawn a moment later, many at once. */
async function watch(path, from, take, redraw, signal) {
  let seen = from;
  let waiting = null;
  while (!signal.aborted) {
    try {
      await follow(path, seen, (type, event, id) => {
        if (type === 'end') {
          return;
        }
        seen = id;
        if (take(event) === false || waiting) {
          return;
        }
        waiting = setTimeout(() => {
          waiting = null;
          if (!signal.aborted) {
            Promise.resolve(redraw()).catch(told);
          }
        }, GATHER_MS);
      }, signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      notice(error.message);
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_MS));
  }
}

async function tasksOf(path, total) {
  const list = [];
  let after = '';
  while (list.length < Math.min(total, MOST_TASKS)) {
    const page = await get(`${path}/tasks?limit=${PAGE}${after}`);
    list.push(...page.tasks);
    if (!page.next) {
      break;
    }
    after = `&after=${page.next}`;
  }
  return list;
}

function statusOf(status) {
  return STATUSES[status] ?? ['', status];
}

/** Buttons of which one is chosen; the arrow keys go from one to the next. */
function tabs(names, views, onChoice) {
  const buttons = Object.entries(names).map(([name, label]) => h('button', {
    role: 'tab',
    id: `tab-${name}`,
    'aria-controls': views[name].id,
    click: () => choose(name),
    keydown: event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
        next.focus();
        next.click();
      }
    },
  }, label));
  Object.entries(views).forEach(([name, view]) => {
    view.setAttribute('role', 'tabpanel');
    view.setAttribute('aria-labelledby', `tab-${name}`);
  });
  function choose(name) {
    for (const [other, view] of Object.entries(views)) {
      view.hidden = other !== name;
    }
    buttons.forEach(button => {
      const here = button.id === `tab-${name}`;
      button.setAttribute('aria-selected', here);
      button.tabIndex = here ? 0 : -1;
    });
    onChoice(name);
  }
  choose(Object.keys(names)[0]);
  return h('div', { role: 'tablist', class: 'tabs', 'aria-label': 'Views' }, buttons);
}

function facts(summary) {
  const parts = document.createDocumentFragment();
  parts.append(meter(summary),
    h('span', {}, `${summary.total} task${summary.total === 1 ? '' : 's'}`),
    h('span', {}, `${summary.events} events`),
    h('span', {}, moment(summary.created_at)));
  if (summary.state !== 'open') {
    parts.append(h('span', { class: `badge ${summary.state === 'corrupt' ? 'bad' : 'wait'}` }, summary.state));
  }
  return parts;
}

function tree(list, total, agent, session, closed) {
  if (!list.length) {
    return h('p', { class: 'empty' }, 'No tasks.');
  }
  const ids = new Set(list.map(one => one.task_id));
  const below = new Map();
  for (const one of list) {
    const parent = ids.has(one.parent_task_id) ? one.parent_task_id : '';
    below.set(parent, [...(below.get(parent) ?? []), one]);
  }
  const branch = parent => h('ul', { class: 'tree' }, below.get(parent).map(one => {
    const line = taskLine(one, agent, session);
    if (!below.has(one.task_id)) {
      return h('li', {}, h('div', { class: 'leaf' }, line));
    }
    return h('li', {}, h('details', {
      open: !closed.has(one.task_id),
      toggle: event => (event.target.open ? closed.delete(one.task_id) : closed.add(one.task_id)),
    }, h('summary', { 'data-key': one.task_id }, line), branch(one.task_id)));
  }));
  const box = h('div', {}, branch(''));
  if (list.length < total) {
    box.append(h('p', { class: 'empty' }, `Only the first ${list.length} of ${total} tasks are shown.`));
  }
  return box;
}

function taskLine(one, agent, session) {
  const holder = one.owner_agent_id ?? one.delegated_to ?? one.owner_user_id;
  return [
    h('span', { class: 'task-line', 'data-task': one.task_id },
      statusBadge(one.status),
      h('a', { href: address(agent, session, one.task_id) }, one.task_id),
      h('span', { class: 'what' }, one.description),
      h('span', { class: 'took' },
        [reason(one), one.progress_pct && !one.completed_at ? `${one.progress_pct} %` : null,
          holder ? `by ${holder}` : null,
          one.lease_until ? `until ${moment(one.lease_until)}` : null].filter(part => part).join(' · '))),
  ];
}

function reason(one) {
  const text = one.status === 'blocked' ? one.blocked_detail ?? one.blocked_reason
    : one.status === 'failed' ? one.failure_reason
      : one.status === 'pending' && one.pending_reason !== 'ready' ? one.pending_reason : null;
  return text?.replaceAll('_', ' ').toLowerCase();
}

const HIDDEN = ['task_id', 'ledger_id', 'description', 'status', 'created_no', 'claimable', 'state_history'];
const LINKS = ['prerequisites', 'blocked_by', 'dependent_task_ids', 'child_task_ids', 'sibling_task_ids', 'parent_task_id', 'supersedes'];

function taskFacts(found, agent, session) {
  const link = id => h('a', { href: address(agent, session, id) }, id);
  const rows = Object.entries(found)
    .filter(([name, value]) => !HIDDEN.includes(name) && value !== null
      && ![false, 0, '0'].includes(value) && !(typeof value === 'object' && !Object.keys(value).length))
    .map(([name, value]) => h('tr', {},
      h('th', { scope: 'row' }, name.replaceAll('_', ' ')),
      h('td', {}, LINKS.includes(name) ? [value].flat().flatMap(id => [link(id), ' '])
        : /_(at|until|before)$|^deadline$/.test(name) ? moment(value)
          : h('span', { class: typeof value === 'object' ? 'mono value' : 'value' }, valueText(value)))));
  return [
    h('h1', {}, found.task_id, ' ', h('span', { class: 'quiet' }, found.description)),
    h('div', { class: 'facts' }, statusBadge(found.status),
      h('span', {}, `priority ${found.priority}`), h('span', {}, `attempt ${found.attempt}`),
      found.progress_pct ? h('span', {}, `${found.progress_pct} %`) : null),
    found.error_message ? h('div', { class: 'panel failure' }, found.error_message) : null,
    h('div', { class: 'panel scroll facts-table' }, h('table', {}, h('tbody', {}, rows))),
  ].filter(part => part);
}

function historyTable(events, agent, session, ofOneTask = false) {
  if (!events.length) {
    return h('p', { class: 'empty' }, 'Nothing has happened.');
  }
  return h('table', { class: 'events' },
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col', class: 'number' }, 'No.'),
      h('th', { scope: 'col' }, 'When'),
      ofOneTask ? null : h('th', { scope: 'col' }, 'Task'),
      h('th', { scope: 'col' }, 'What'),
      h('th', { scope: 'col' }, 'More'))),
    h('tbody', {}, events.map(event => h('tr', { 'data-type': event.type },
      h('td', { class: 'number quiet', title: event.hash }, event.stripe ? `${event.stripe}:${event.seq}` : String(event.seq)),
      h('td', { class: 'quiet moment' }, moment(event.at)),
      ofOneTask ? null : h('td', {}, h('a', { href: address(agent, session, event.task_id) }, event.task_id)),
      h('td', { class: 'what' }, words(event)),
      h('td', { class: 'mono payload' }, payload(event))))));
}

function words({ type, payload: { from, to } }) {
  if (to && from) {
    return h('span', {}, `${statusOf(from)[1]} → `, statusBadge(to));
  }
  return type.toLowerCase().replaceAll('_', ' ');
}

function payload(event) {
  const { from, to, ...rest } = event.payload;
  const all = from && to ? rest : event.payload;
  const text = Object.entries(all).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join('  ');
  return text.length > LONGEST_PAYLOAD ? `${text.slice(0, LONGEST_PAYLOAD)}…` : text;
}
