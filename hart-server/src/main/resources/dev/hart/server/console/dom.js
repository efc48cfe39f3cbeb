// Builds elements. Text only ever becomes text nodes, so what a tool or a model wrote cannot become markup.

/** An element with attributes (functions become listeners) and children: elements, texts, or null for nothing. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

export function notice(text) {
  const box = document.getElementById('notice');
  box.textContent = text;
  box.hidden = !text;
  clearTimeout(notice.timer);
  if (text) {
    notice.timer = setTimeout(() => { box.hidden = true; }, 8000);
  }
}

export function duration(ms) {
  if (ms < 10_000) {
    return `${ms} ms`;
  }
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The time of day, and the day too when it was not today. */
export function moment(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(undefined, today ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' })
    .format(date);
}

const STATES = {
  RUNNING: ['busy', 'running'],
  PAUSED: ['wait', 'waits for you'],
  SUCCEEDED: ['good', 'done'],
  FAILED: ['bad', 'failed'],
  CANCELLED: ['', 'cancelled'],
};

export function stateBadge(state) {
  const [tone, word] = STATES[state] ?? ['', state];
  return h('span', { class: `badge ${tone}`, 'data-state': state }, word);
}

export function modeBadge(mode) {
  return mode ? h('span', { class: `badge ${mode === 'REUSE' ? 'reuse' : ''}`, 'data-mode': mode }, mode) : null;
}

/** A JSON value for people: text as it is, short values on one line, everything else indented. */
export function valueText(value) {
  if (typeof value === 'string') {
    return value;
  }
  const line = JSON.stringify(value);
  return line.length <= 100 ? line : JSON.stringify(value, null, 2);
}

/** The arguments of a step on one line. */
export function argumentText(args) {
  return Object.entries(args ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join('  ');
}

/** An intent template with its slots set off. */
export function intent(template) {
  return template.split(/(\{\{[^}]*\}\})/).filter(part => part).map(part =>
    part.startsWith('{{') ? h('span', { class: 'slot' }, part.replace(/^\{\{(inputs\.)?|\}\}$/g, '')) : part);
}
