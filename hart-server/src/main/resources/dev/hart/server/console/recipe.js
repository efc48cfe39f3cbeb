import { get, post } from './api.js';
import { argumentText, duration, h, intent, moment, notice, valueText } from './dom.js';
import { field } from './field.js';
import { graph } from './graph.js';

const EFFECTS = {
  READ: ['', 'reads'],
  IDEMPOTENT: ['busy', 'writes, may be repeated'],
  WRITE: ['wait', 'writes'],
  DESTRUCTIVE: ['bad', 'takes away, asks first'],
};
const ORDER = Object.keys(EFFECTS);

/** The page of one recipe: what it serves, what it does and has shown so far, its versions, and a form to run it. */
export function recipe(page, id) {
  document.title = 'Recipe - HART';
  const shown = h('div');
  page.append(h('a', { class: 'back', href: '#/' }, '← All runs'), shown);
  let versions = [];

  async function show(number) {
    const which = number ? `?version=${number}` : '';
    const [found, experience, schedules, standing] = await Promise.all([
      get(`/recipes/${id}${which}`), get(`/recipes/${id}/experience${which}`), get(`/recipes/${id}/schedules`),
      get(`/recipes/${id}/rollouts`)]);
    document.title = `${found.name} - HART`;
    const actions = actionsOf(found, experience.actions);
    shown.replaceChildren(...[
      h('h1', {}, `${found.name} `, h('span', { class: 'quiet', id: 'version' }, `version ${found.version}`)),
      h('p', {}, found.goal),
      standing.drift ? driftLine(standing.drift) : null,
      h('h2', {}, 'Serves requests such as'),
      h('div', { class: 'panel list' }, found.intents.length
        ? found.intents.map(template => h('p', {}, intent(template)))
        : h('p', { class: 'quiet' }, 'None: it is run by its name.')),
      h('h2', {}, 'Run it'),
      runForm(id, found, number),
      h('h2', {}, 'Actions'),
      pictureOf(actions, id),
      h('div', { class: 'panel', id: 'actions' }, h('ol', { class: 'timeline' }, actions.map(item))),
      ...(schedules.length ? [h('h2', {}, 'Runs by itself'), scheduleList(id, schedules)] : []),
      ...(standing.rollouts.length ? [h('h2', {}, 'Rollouts'), rolloutList(standing.rollouts, decide)] : []),
      h('h2', {}, 'Versions'),
      versionList(versions, found.version, open, id, standing, decide),
    ].filter(Boolean));
  }

  /** Changes which version is taken, and shows what came of it; the focus goes to the list that changed. */
  async function decide(path, body) {
    try {
      await post(`/recipes/${id}/${path}`, body);
      await show();
      document.getElementById('versions').focus();
    } catch (error) {
      notice(error.message);
    }
  }

  function open(number) {
    show(number).then(() => document.getElementById('version').scrollIntoView({ block: 'center' }), error => notice(error.message));
  }

  get(`/recipes/${id}/versions`).then(all => {
    versions = all;
    return show();
  }).catch(error => notice(error.message));
  return () => {};
}

/** All actions with what is known of them, each with the names of those it waits for. */
function actionsOf(recipe, experiences) {
  const last = new Map();
  return recipe.flows.flatMap(flow => {
    const names = new Map(flow.actions.map(action => [action.actionId, action.name]));
    const before = flow.dependsOn.flatMap(other => last.get(other) ?? []);
    const waitedFor = new Set(flow.actions.flatMap(action => action.dependsOn));
    last.set(flow.flowId, flow.actions.filter(action => !waitedFor.has(action.actionId)).map(action => action.name));
    return flow.actions.map(action => ({
      ...action,
      persona: recipe.flows.length > 1 ? flow.persona : '',
      effect: ORDER[Math.max(...action.steps.map(step => ORDER.indexOf(step.effect)))],
      waitsFor: action.dependsOn.length ? action.dependsOn.map(other => names.get(other)) : before,
      experience: experiences.find(each => each.flowId === flow.flowId && each.actionId === action.actionId),
    }));
  });
}

function pictureOf(actions, id) {
  if (actions.length < 2) {
    return null;
  }
  const picture = graph({
    tasks: actions.map(action => ({ task_id: action.name, description: action.description ?? '', status: action.effect })),
    edges: actions.flatMap(action => action.waitsFor.map(from => ({ from_task: from, to_task: action.name, kind: 'wait' }))),
  }, () => `#/recipes/${id}`, effect => EFFECTS[effect], {
    many: 'actions', legend: 'An arrow goes from an action to the one that waits for it.',
  });
  picture.addEventListener('click', event => {
    const node = event.target.closest('[data-node]');
    if (node) {
      event.preventDefault();
      document.getElementById(`action-${node.dataset.node}`).focus();
    }
  });
  return h('div', { class: 'panel apart', id: 'graph' }, picture);
}

function item(action) {
  const { experience } = action;
  return h('li', { id: `action-${action.name}`, tabindex: -1 },
    h('span', { class: 'dot' }),
    h('span', { class: 'action-name' }, action.name, h('span', { class: 'state' }, action.description ?? '')),
    h('span', { class: 'took' }, experience?.attempts ? duration(Math.round(experience.totalMs / experience.attempts)) : ''),
    action.persona ? h('div', { class: 'step quiet' }, action.persona) : null,
    action.steps.map(step => stepLine(step)),
    (action.fallbacks ?? []).map(fallback => h('div', { class: 'step' },
      h('span', { class: 'quiet' }, 'or else: '), fallback.text, (fallback.steps ?? []).map(step => stepLine(step)))),
    experience?.attempts ? h('div', { class: 'step quiet experience' }, learned(experience)) : null);
}

function stepLine(step) {
  return h('div', { class: 'step' },
    h('span', { class: 'tool' }, step.tool ?? step.kind.toLowerCase()), ' ',
    h('span', { class: 'args' }, argumentText(step.args)),
    ' ', h('span', { class: 'quiet' }, EFFECTS[step.effect][1]));
}

/** What its runs have shown, in one line. */
function learned(experience) {
  const times = experience.attempts === 1 ? 'once' : `${experience.attempts} times`;
  const parts = [experience.successes === experience.attempts ? `Ran ${times}, always well`
    : `Ran ${times}, well in ${Math.round((100 * experience.successes) / experience.attempts)} %`];
  if (experience.modelCalls) {
    parts.push(`${experience.modelCalls} model calls`);
  }
  if (experience.deadEnds.length) {
    parts.push(`went wrong: ${experience.deadEnds.slice(0, 3).join('; ')}`);
  }
  return `${parts.join(', ')}.`;
}

/** A field for each input, and the buttons that try the recipe out or run it. */
function runForm(id, found, number) {
  const { properties = {}, required = [] } = found.inputs;
  const fields = Object.entries(properties).map(([name, schema]) => field(name, schema, required.includes(name)));
  const outcome = h('div', { id: 'plan', 'aria-live': 'polite' });
  // Unless a version was chosen on this page, the current one is run, or the one that its rollout chooses.
  const version = { 'dry-run': `?version=${found.version}`, runs: number ? `?version=${number}` : '' };
  const call = async (path, then) => {
    try {
      const inputs = Object.fromEntries(fields.map(each => each.read()).filter(([, value]) => value !== undefined));
      then(await post(`/recipes/${id}/${path}${version[path]}`, { inputs }));
    } catch (error) {
      notice(error.message);
    }
  };
  const form = h('form', { class: 'panel ask', id: 'run-form', submit: event => {
    event.preventDefault();
    call('runs', started => { location.hash = `#/runs/${started.id}`; });
  } },
    fields.map(each => each.element),
    h('div', { class: 'row' },
      h('button', { type: 'button', id: 'try', click: () => form.reportValidity() && call('dry-run', plan => outcome.replaceChildren(...planned(plan))) },
        'What would it do?'),
      h('button', { class: 'primary', id: 'run-it' }, 'Run')),
    outcome);
  return form;
}

/** What a run would do, as a list; what is in its way first. */
function planned(plan) {
  const { forecast } = plan;
  const known = forecast.unmeasured.length ? `, without ${forecast.unmeasured.join(', ')}, of which nothing is known yet` : '';
  return [
    plan.problems.length ? h('ul', { class: 'failure', id: 'problems' }, plan.problems.map(each => h('li', {}, each.message)))
      : h('p', {}, `Nothing is in its way. Expected: ${duration(forecast.expectedMs)}${known}.`),
    plan.approvals.length ? h('p', {}, `Will wait for your approval: ${plan.approvals.join(', ')}.`) : null,
    h('ol', {}, plan.waves.flatMap(wave => wave.actions).map(action => h('li', {},
      h('span', { class: 'action-name' }, action.name), action.steps.map(step => stepLine(step))))),
  ].filter(Boolean);
}

/** When it runs by itself, with buttons that pause it or run it now. */
function scheduleList(id, schedules) {
  const box = h('div', { class: 'panel scroll', id: 'schedules' });
  const act = async (schedule, what) => {
    try {
      const answer = await post(`/recipes/${id}/schedules/${schedule.number}/${what}`);
      if (what === 'runs') {
        location.hash = `#/runs/${answer.id}`;
      } else {
        fill(answer);
      }
    } catch (error) {
      notice(error.message);
    }
  };
  const fill = list => box.replaceChildren(h('table', {},
    h('thead', {}, h('tr', {}, ['Times', 'Next', 'Last', ''].map(name => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, list.map(each => h('tr', {},
      h('td', {}, h('span', { class: 'mono' }, each.cron), ` ${each.zone}`, each.description ? h('div', { class: 'quiet' }, each.description) : null),
      h('td', { class: 'quiet' }, each.paused ? 'paused' : each.next ? moment(each.next) : 'never'),
      h('td', {}, each.lastRun ? h('a', { href: `#/runs/${each.lastRun}` }, moment(each.last))
        : each.last ? h('span', { class: 'quiet' }, `${moment(each.last)}, skipped: ${each.lastSkipped}`) : null),
      h('td', {}, h('div', { class: 'buttons tight' },
        h('button', { click: () => act(each, each.paused ? 'unpause' : 'pause') }, each.paused ? 'Unpause' : 'Pause'),
        h('button', { click: () => act(each, 'runs') }, 'Run now'))))))));
  fill(schedules);
  return box;
}

const ROLLOUTS = {
  RUNNING: ['busy', 'being tried'],
  PROMOTED: ['good', 'promoted'],
  ROLLED_BACK: ['bad', 'rolled back'],
  SUPERSEDED: ['', 'superseded'],
};
const STANDINGS = {
  CURRENT: ['good', 'current'],
  EARLIER: null,
  DRAFT: ['wait', 'draft'],
  CANDIDATE: ['wait', 'candidate'],
  ROLLED_BACK: ['bad', 'rolled back'],
  REPLACED: ['', 'replaced'],
};
const WHY = 'decided in the console';

function badge([tone, word]) {
  return h('span', { class: `badge ${tone}` }, word);
}

function driftLine(drift) {
  return h('p', { class: 'failure', id: 'drift', role: 'status' },
    `Version ${drift.version} drifts since ${moment(drift.since)}: ${drift.failures} of its last ${drift.outOf} replays failed. `,
    drift.problems.join('; '));
}

/** The versions that prove themselves, or did, with buttons that decide about the one that still does. */
function rolloutList(rollouts, decide) {
  return h('div', { class: 'panel scroll', id: 'rollouts' }, h('table', {},
    h('thead', {}, h('tr', {}, ['Version', 'How', 'Shown so far', 'State', ''].map(name => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, rollouts.map(each => h('tr', {},
      h('td', {}, `${each.candidate} against ${each.baseline}`),
      h('td', {}, each.plan.mode === 'SHADOW' ? 'in shadow' : `${each.plan.share} % of the requests`),
      h('td', {}, `${each.tried.passed} of ${each.tried.runs} passed, ${each.plan.minimumRuns} are needed`,
        each.compared ? h('div', { class: 'quiet' }, `${each.agreed} of ${each.compared} had the same result`) : null,
        each.notCompared ? h('div', { class: 'quiet' }, `${each.notCompared} did not count`) : null),
      h('td', {}, badge(ROLLOUTS[each.state]), h('div', { class: 'quiet' },
        each.state === 'RUNNING' ? `until ${moment(each.endsAt)} at the latest: ${each.cause}` : each.reasons.join('; '))),
      h('td', {}, each.state !== 'RUNNING' ? null : h('div', { class: 'buttons tight' },
        h('button', { click: () => decide('promote', { version: each.candidate, why: WHY }) }, 'Promote'),
        h('button', { click: () => decide('roll-back', { version: each.candidate, why: WHY }) }, 'Roll back'))))))));
}

/** What a version is to the recipe, and what can be done with it. */
function standingCell(version, standing, decide) {
  const own = standing.versions.find(each => each.version === version.version);
  const label = own && STANDINGS[own.standing];
  const buttons = [];
  const running = standing.rollouts.some(each => each.state === 'RUNNING');
  if (own && !['CURRENT', 'DRAFT'].includes(own.standing) && standing.current) {
    if (!running) {
      buttons.push(h('button', { click: () => decide('rollouts', { version: version.version, plan: { mode: 'SHADOW' } }) }, 'Try in shadow'));
    }
    buttons.push(h('button', { click: () => decide('promote', { version: version.version, why: WHY }) }, 'Make current'));
  }
  if (own?.standing === 'CURRENT' && standing.versions.some(each => each.standing === 'EARLIER')) {
    buttons.push(h('button', { click: () => decide('roll-back', { version: version.version, why: WHY }) }, 'Roll back'));
  }
  return h('td', {}, label ? badge(label) : null,
    own?.reasons.length ? h('div', { class: 'quiet' }, own.reasons.join('; ')) : null,
    buttons.length ? h('div', { class: 'buttons tight' }, buttons) : null);
}

function versionList(versions, current, open, id, standing, decide) {
  return h('div', { class: 'panel scroll', id: 'versions', tabindex: -1 }, h('table', {},
    h('thead', {}, h('tr', {},
      h('th', { scope: 'col' }, 'Version'), h('th', { scope: 'col' }, 'Made'), h('th', { scope: 'col' }, 'By'),
      h('th', { scope: 'col' }, 'Standing'), h('th', { scope: 'col' }, 'Changed'))),
    h('tbody', {}, versions.map((version, index) => versionRow(version, versions[index + 1], current, open, id, standing, decide)))));
}

function versionRow(version, before, current, open, id, standing, decide) {
  const changes = h('td', { class: 'wide' });
  const compare = async () => {
    try {
      const diff = await get(`/recipes/${id}/diff?from=${before.version}&to=${version.version}`);
      changes.replaceChildren(h('ul', { class: 'changes' }, diff.changes.map(change)));
    } catch (error) {
      notice(error.message);
    }
  };
  if (before) {
    changes.append(h('button', { click: compare }, `Compare with version ${before.version}`));
  }
  return h('tr', version.version === current ? { 'aria-current': 'true' } : {},
    h('td', {}, h('button', { click: () => open(version.version) }, String(version.version))),
    h('td', { class: 'quiet moment' }, moment(version.createdAt)),
    h('td', {}, version.learnedBy ? h('a', { href: `#/runs/${version.learnedBy}` }, 'a run') : 'hand'),
    standingCell(version, standing, decide),
    changes);
}

function change({ path, change: kind, old: before, new: after }) {
  return h('li', {},
    h('span', { class: 'mono' }, path), ' ', kind.toLowerCase(),
    kind === 'ADDED' ? null : h('div', { class: 'old' }, valueText(before)),
    kind === 'REMOVED' ? null : h('div', { class: 'new' }, valueText(after)));
}
