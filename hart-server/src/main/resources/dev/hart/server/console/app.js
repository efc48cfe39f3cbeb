import { devices } from './devices.js';
import { home } from './home.js';
import { ledger, ledgers, task } from './ledger.js';
import { recipe } from './recipe.js';
import { run } from './run.js';
import { h, notice } from './dom.js';

let leave = () => {};

/** Shows the page that the address names; a page returns how to leave it. */
function show() {
  leave();
  notice('');
  const main = document.getElementById('main');
  const page = h('div');
  main.replaceChildren(page);
  const [place, ...names] = location.hash.replace(/^#\/?/, '').split('/').map(decoded);
  leave = open(page, place, names);
  document.querySelectorAll('.top nav a').forEach(link => {
    const here = link.id === (place === 'ledgers' || place === 'devices' ? `to-${place}` : 'to-runs');
    if (here) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  });
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function open(page, place, names) {
  if (names.every(name => /^[\w.:~-]{1,255}$/.test(name))) {
    if (place === 'runs' && names.length === 1) {
      return run(page, names[0]);
    } else if (place === 'recipes' && names.length === 1) {
      return recipe(page, names[0]);
    } else if (place === 'devices' && names.length === 0) {
      return devices(page);
    } else if (place === 'ledgers' && names.length === 0) {
      return ledgers(page);
    } else if (place === 'ledgers' && names.length === 2) {
      return ledger(page, ...names);
    } else if (place === 'ledgers' && names.length === 3) {
      return task(page, ...names);
    }
  }
  return home(page);
}

window.addEventListener('hashchange', () => {
  show();
  document.getElementById('main').focus();
});
show();
