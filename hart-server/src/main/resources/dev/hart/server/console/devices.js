import { get } from './api.js';
import { h, moment, notice } from './dom.js';

const REFRESH_MS = 2000;

/** Devices, the models that are kept on them, the leases on their memory, and who waits. */
export function devices(page) {
  document.title = 'Devices · HART';
  const cards = h('div', { id: 'devices' });
  const models = h('div', { class: 'panel scroll', id: 'models' });
  const leases = h('div', { class: 'panel scroll', id: 'leases' });
  page.append(h('h1', {}, 'Devices'), cards, h('h2', {}, 'Models'), models, h('h2', {}, 'Leases'), leases);

  let timer;
  let left = false;
  async function refresh() {
    if (!document.hidden) {
      try {
        const state = await get('/api/tools/lifecycle');
        const { devices: list, leases: held, waiting: count } = state.vram;
        redraw(cards, list, () => list.map(device));
        redraw(models, [state.models, state.pressure], () => [modelTable(state.models), pressure(state.pressure)]);
        redraw(leases, [held, count], () => [table(held), waiting(count)]);
      } catch (error) {
        notice(error.message);
      }
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

/** Redraws only what changed. */
function redraw(box, data, content) {
  const shown = JSON.stringify(data);
  if (box.dataset.shown !== shown) {
    box.dataset.shown = shown;
    box.replaceChildren(...content());
  }
}

function device(one) {
  const total = one.total_gb;
  const kept = total ? Math.max(0, total - one.leased_gb - one.untracked_gb - one.plannable_gb) : 0;
  return h('section', { class: 'panel device' },
    h('h2', {}, one.name),
    h('p', { class: 'quiet' },
      [one.id, one.health === 'OK' ? null : one.health, one.driver_version && `driver ${one.driver_version}`,
        one.utilisation_pct === undefined ? null : `${one.utilisation_pct} % busy`].filter(Boolean).join(' · ')),
    total === undefined
      ? h('p', {}, 'The driver does not tell its memory: it gets no leases.')
      : [
        h('div', {
          class: 'memory',
          role: 'img',
          'aria-label': `${gib(one.leased_gb)} leased, ${gib(one.untracked_gb)} used by others, `
            + `${gib(one.plannable_gb)} free for models, of ${gib(total)}`,
        },
        part('leased', one.leased_gb, total),
        part('others', one.untracked_gb, total),
        part('kept', kept, total)),
        h('dl', { class: 'amounts' },
          amount('leased', 'Leased', one.leased_gb),
          amount('others', 'Used by others', one.untracked_gb),
          amount('kept', 'Kept back', kept),
          amount('plannable', 'Free for models', one.plannable_gb)),
      ]);
}

/** The page's policy allows no style attributes; what a script sets itself is none. */
function part(kind, amount, total) {
  const span = h('span', { class: kind });
  span.style.width = `${total ? Math.max(0, Math.min(100, (100 * amount) / total)) : 0}%`;
  return span;
}

function amount(kind, label, value) {
  return h('div', {}, h('dt', { class: kind }, label), h('dd', {}, gib(value)));
}

function gib(value) {
  return `${value.toFixed(2)} GiB`;
}

function table(list) {
  if (!list.length) {
    return h('p', { class: 'empty' }, 'No model holds device memory.');
  }
  return h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'For'),
      h('th', { scope: 'col' }, 'State'),
      h('th', { scope: 'col' }, 'Runs on'),
      h('th', { scope: 'col', class: 'number' }, 'Memory'),
      h('th', { scope: 'col', class: 'optional' }, 'Priority'),
      h('th', { scope: 'col', class: 'optional' }, 'Since'))),
    h('tbody', {}, list.map(lease => h('tr', {},
      h('td', { class: 'wide' }, lease.tool, h('div', { class: 'quiet' }, lease.tenant)),
      h('td', {}, lease.state.toLowerCase()),
      h('td', {}, lease.grants.map(grant => h('div', {}, grant.device))),
      h('td', { class: 'number' }, lease.grants.map(grant => h('div', {}, gib(grant.gb)))),
      h('td', { class: 'optional' }, lease.priority.toLowerCase()),
      h('td', { class: 'quiet optional moment' }, moment(lease.created_at))))));
}

const WHERE = { unloaded: 'not loaded', gpu: 'GPU', cpu_offload: 'GPU in part', cpu: 'processor' };

function modelTable(list) {
  if (!list.length) {
    return h('p', { class: 'empty' }, 'No model was started here.');
  }
  return h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'Model'),
      h('th', { scope: 'col' }, 'Runs on'),
      h('th', { scope: 'col' }, 'Keeps its memory'),
      h('th', { scope: 'col', class: 'number' }, 'Calls now'),
      h('th', { scope: 'col', class: 'number optional' }, 'Calls'),
      h('th', { scope: 'col', class: 'number optional' }, 'Idle'))),
    h('tbody', {}, list.map(model => h('tr', {},
      h('td', { class: 'wide' }, model.name,
        model.error ? h('div', { class: 'quiet' }, model.error) : null),
      h('td', {}, WHERE[model.device] ?? model.device),
      h('td', {}, model.device === 'unloaded' ? '' : model.pinned ? `${model.priority}, pinned` : model.priority),
      h('td', { class: 'number' }, String(model.active_inferences)),
      h('td', { class: 'number optional' }, String(model.access_count)),
      h('td', { class: 'number optional' }, model.last_access ? `${Math.round(model.idle_seconds)} s` : '')))));
}

function pressure(now) {
  const short = [now.vram_pressure && 'GPU memory', now.ram_pressure && 'memory', now.cpu_pressure && 'the processor',
    now.disk_pressure && 'disk'].filter(Boolean);
  return short.length ? h('p', {}, `Runs short: ${short.join(', ')}.`) : '';
}

function waiting(count) {
  return count ? h('p', {}, count === 1 ? 'One request waits for memory.' : `${count} requests wait for memory.`) : '';
}
