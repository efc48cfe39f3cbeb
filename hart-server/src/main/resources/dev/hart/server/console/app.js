import { home } from './home.js';
import { recipe } from './recipe.js';
import { run } from './run.js';
import { h, notice } from './dom.js';

let leave = () => {};

/** Shows the page that the address names; a page returns how to leave it. */
function show() {
  leave();
  notice('');
  const main = document.getElementById('main');
  const [, place, id] = location.hash.match(/^#\/(runs|recipes)\/([\w-]{1,64})$/) ?? [];
  const page = h('div');
  main.replaceChildren(page);
  leave = place === 'runs' ? run(page, id) : place === 'recipes' ? recipe(page, id) : home(page);
}

window.addEventListener('hashchange', () => {
  show();
  document.getElementById('main').focus();
});
show();
