import { get } from './api.js';
import { argumentText, h, intent, notice } from './dom.js';

/** The page of one recipe: what it serves, what it needs and what it does. */
export function recipe(page, id) {
  document.title = 'Recipe - HART';
  page.append(h('a', { class: 'back', href: '#/' }, '← All runs'));
  get(`/recipes/${id}`).then(found => {
    document.title = `${found.name} - HART`;
    page.append(
      h('h1', {}, `${found.name} `, h('span', { class: 'quiet' }, `version ${found.version}`)),
      h('p', {}, found.goal),
      h('h2', {}, 'Serves requests such as'),
      h('div', { class: 'panel list' }, found.intents.map(template => h('p', {}, intent(template)))),
      h('h2', {}, 'Actions'),
      h('div', { class: 'panel' }, h('ol', { class: 'timeline' }, found.flows.flatMap(flow => flow.actions).map(item))));
  }, error => notice(error.message));
  return () => {};
}

function item(action) {
  return h('li', {},
    h('span', { class: 'dot' }),
    h('span', { class: 'action-name' }, action.name, h('span', { class: 'state' }, action.description ?? '')),
    action.steps.map(step => h('div', { class: 'step' },
      h('span', { class: 'tool' }, step.tool ?? step.kind.toLowerCase()), ' ',
      h('span', { class: 'args' }, argumentText(step.args)),
      ' ', h('span', { class: 'quiet' }, step.effect.toLowerCase()))));
}
