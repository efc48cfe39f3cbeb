// Draws tasks and what waits for what: from left to right, each task one column behind the last one it waits for.

const WIDTH = 190;
const HEIGHT = 54;
const GAP_X = 70;
const GAP_Y = 18;
const PAD = 16;
/** A picture has no more tasks than this. */
export const MOST = 300;
const LONGEST = 26;

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

function text(words, attributes) {
  return svg('text', attributes, words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words);
}

const LEGEND = 'An arrow goes from a task to the one that waits for it; a dashed line to a child.';

/** The picture, or words where it would be too large. */
export function graph({ tasks, edges }, address, statusOf, words = { many: 'tasks', legend: LEGEND }) {
  const box = document.createElement('div');
  if (!tasks.length || tasks.length > MOST) {
    const instead = document.createElement('p');
    instead.className = 'empty';
    instead.textContent = tasks.length
      ? `More than ${MOST} ${words.many} are too many for a picture here. The exports have all of them.` : `No ${words.many}.`;
    box.append(instead);
    return box;
  }
  const ids = new Set(tasks.map(task => task.task_id));
  const lines = edges.filter(edge => ids.has(edge.from_task) && ids.has(edge.to_task));
  const family = tasks.filter(task => ids.has(task.parent_task_id))
    .map(task => ({ from_task: task.parent_task_id, to_task: task.task_id, kind: 'child' }));
  const places = layout(tasks, [...lines, ...family]);
  const width = Math.max(...[...places.values()].map(place => place.x)) + WIDTH + PAD;
  const height = Math.max(...[...places.values()].map(place => place.y)) + HEIGHT + PAD;
  const picture = svg('svg', {
    class: 'graph', viewBox: `0 0 ${width} ${height}`, width, height, role: 'group',
    'aria-label': `${tasks.length} ${words.many} and ${lines.length} dependencies`,
  });
  picture.append(svg('defs', {}, svg('marker', {
    id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto',
  }, svg('path', { class: 'tip', d: 'M0 0 L8 4 L0 8 z' }))));
  for (const edge of [...family, ...lines]) {
    picture.append(line(edge, places));
  }
  for (const task of tasks) {
    picture.append(node(task, places.get(task.task_id), address, statusOf));
  }
  box.className = 'graph-box';
  box.tabIndex = 0;
  box.setAttribute('aria-label', 'Graph; scrolls');
  box.setAttribute('role', 'region');
  const legend = document.createElement('p');
  legend.className = 'quiet legend';
  legend.textContent = words.legend;
  box.append(picture);
  const all = document.createElement('div');
  all.append(box, legend);
  return all;
}

/** Columns by the longest way from a task that waits for nothing; what is on a cycle comes first. */
function layout(tasks, lines) {
  const level = new Map(tasks.map(task => [task.task_id, 0]));
  const waiters = new Map();
  const open = new Map();
  for (const { from_task: from, to_task: to } of lines) {
    waiters.set(from, [...(waiters.get(from) ?? []), to]);
    open.set(to, (open.get(to) ?? 0) + 1);
  }
  const free = tasks.map(task => task.task_id).filter(id => !open.get(id));
  while (free.length) {
    const id = free.shift();
    for (const waiter of waiters.get(id) ?? []) {
      level.set(waiter, Math.max(level.get(waiter), level.get(id) + 1));
      open.set(waiter, open.get(waiter) - 1);
      if (!open.get(waiter)) {
        free.push(waiter);
      }
    }
  }
  const columns = new Map();
  tasks.forEach(task => {
    const column = level.get(task.task_id);
    columns.set(column, [...(columns.get(column) ?? []), task.task_id]);
  });
  const places = new Map();
  [...columns.keys()].sort((a, b) => a - b).forEach((column, x) => {
    const before = id => {
      const rows = lines.filter(line => line.to_task === id && places.has(line.from_task))
        .map(line => places.get(line.from_task).y);
      return rows.length ? rows.reduce((sum, y) => sum + y, 0) / rows.length : 0;
    };
    columns.get(column).map((id, index) => [id, before(id), index])
      .sort((a, b) => a[1] - b[1] || a[2] - b[2])
      .forEach(([id], row) => places.set(id, { x: PAD + x * (WIDTH + GAP_X), y: PAD + row * (HEIGHT + GAP_Y) }));
  });
  return places;
}

function line(edge, places) {
  const from = places.get(edge.from_task);
  const to = places.get(edge.to_task);
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  const path = svg('path', {
    class: `edge ${edge.kind} ${edge.condition ?? ''}`,
    d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    ...(edge.kind === 'child' ? {} : { 'marker-end': 'url(#arrow)' }),
  });
  const condition = edge.condition && edge.condition !== 'success' ? `, on ${edge.condition}` : '';
  path.append(svg('title', {}, `${edge.to_task} ${edge.kind === 'child' ? 'is a child of' : 'waits for'} ${edge.from_task}${condition}`));
  return path;
}

function node(task, { x, y }, address, statusOf) {
  const [tone, word] = statusOf(task.status);
  const link = svg('a', { href: address(task.task_id), class: `node ${tone}`, 'data-node': task.task_id });
  link.append(
    svg('title', {}, `${task.task_id}: ${task.description} (${word})`),
    svg('rect', { x, y, width: WIDTH, height: HEIGHT, rx: 8 }),
    text(task.task_id, { class: 'name', x: x + 12, y: y + 22 }),
    text(word, { class: 'word', x: x + 12, y: y + 41 }));
  return link;
}
