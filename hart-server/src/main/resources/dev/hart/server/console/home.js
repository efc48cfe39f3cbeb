import { get, post } from './api.js';
import { duration, h, intent, modeBadge, moment, notice, stateBadge } from './dom.js';

const REFRESH_MS = 2000;

/** The start page: a request box, the runs and the recipes. */
export function home(page) {
  document.title = 'HART';
  const text = h('textarea', {
    id: 'request',
    maxlength: 10000,
    required: true,
    placeholder: 'Add up column amount of sales.csv and write the total to total.txt',
    keydown: event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        form.requestSubmit();
      }
    },
  });
  const start = h('button', { class: 'primary', id: 'start' }, 'Run');
  const form = h('form', { class: 'panel ask', submit: ask },
    h('label', { for: 'request' }, 'What should be done?'),
    text,
    h('div', { class: 'row' },
      h('span', { class: 'quiet' }, 'A stored recipe that fits is replayed; otherwise HART plans, and learns. ',
        h('kbd', {}, 'Ctrl'), ' ', h('kbd', {}, 'Enter')),
      start));
  const runs = h('div', { class: 'panel scroll', id: 'runs' });
  const recipes = h('div', { class: 'panel scroll', id: 'recipes' });
  page.append(form, h('h2', {}, 'Runs'), runs, h('h2', {}, 'Recipes'), recipes);
  text.focus();

  async function ask(event) {
    event.preventDefault();
    const request = text.value.trim();
    if (!request) {
      return;
    }
    start.disabled = true;
    try {
      const { id } = await post('/runs', { request });
      location.hash = `#/runs/${id}`;
    } catch (error) {
      notice(error.message);
      start.disabled = false;
    }
  }

  let timer;
  let left = false;
  async function refresh() {
    if (!document.hidden) {
      try {
        const [runList, recipeList] = await Promise.all([get('/runs?limit=50'), get('/recipes')]);
        fill(runs, runList, runTable, 'No runs yet.');
        fill(recipes, recipeList, recipeTable, 'Nothing learned yet. Ask for something above.');
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

/** Redraws only what changed, so that a focused link stays focused. */
function fill(box, list, table, otherwise) {
  const shown = JSON.stringify(list);
  if (box.dataset.shown === shown) {
    return;
  }
  box.dataset.shown = shown;
  const focused = box.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  box.replaceChildren(list.length ? table(list) : h('p', { class: 'empty' }, otherwise));
  if (focused) {
    box.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

function runTable(list) {
  return h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'Request'),
      h('th', { scope: 'col' }, 'State'),
      h('th', { scope: 'col' }, 'Mode'),
      h('th', { scope: 'col', class: 'optional' }, 'Started'),
      h('th', { scope: 'col', class: 'number' }, 'Time'))),
    h('tbody', {}, list.map(run => h('tr', {},
      h('td', { class: 'wide' }, h('a', { href: `#/runs/${run.id}` }, run.request)),
      h('td', {}, stateBadge(run.state)),
      h('td', {}, modeBadge(run.mode)),
      h('td', { class: 'quiet optional moment' }, moment(run.startedAt)),
      h('td', { class: 'number' }, run.endedAt ? duration(run.elapsedMs) : '')))));
}

function recipeTable(list) {
  return h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'Recipe'),
      h('th', { scope: 'col' }, 'Inputs'),
      h('th', { scope: 'col', class: 'number' }, 'Actions'),
      h('th', { scope: 'col', class: 'number' }, 'Times used'))),
    h('tbody', {}, list.map(recipe => h('tr', {},
      h('td', { class: 'wide' },
        h('a', { href: `#/recipes/${recipe.recipeId}` }, recipe.name), ` version ${recipe.version}`,
        recipe.intents.map(template => h('div', { class: 'intent' }, intent(template)))),
      h('td', {}, recipe.inputs.map(input => h('div', { class: 'slot' }, input))),
      h('td', { class: 'number' }, String(recipe.actions)),
      h('td', { class: 'number' }, String(recipe.timesUsed))))));
}
