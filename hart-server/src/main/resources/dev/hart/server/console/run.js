import { follow, get, post } from './api.js';
import { argumentText, duration, h, modeBadge, moment, notice, stateBadge, valueText } from './dom.js';

const RETRY_MS = 2000;
const LONGEST_RESULT = 600;

const ACTION_STATES = {
  assigned: ['', 'not started'],
  in_progress: ['busy', 'running'],
  status_verification_requested: ['busy', 'being checked'],
  pending: ['wait', 'waits'],
  preview_pending: ['wait', 'waits for approval'],
  preview_approved: ['busy', 'approved'],
  error: ['bad', 'failed'],
  completed: ['good', 'done'],
  fallback_requested: ['busy', 'looking for another way'],
  fallback_received: ['busy', 'trying another way'],
  recipe_requested: ['good', 'done, learning'],
  recipe_received: ['good', 'done, learned'],
  terminated: ['good', 'done'],
};

/** The page of one run: how it goes while it goes, and how it ended. */
export function run(page, id) {
  document.title = 'Run - HART';
  const stop = new AbortController();
  const actions = new Map();
  const summary = h('div');
  const list = h('ol', { class: 'timeline', id: 'timeline' });
  const timeline = h('div', { class: 'panel' }, list);
  const result = h('div', { 'aria-live': 'polite' });
  page.append(h('a', { class: 'back', href: '#/' }, '← All runs'), summary, h('h2', {}, 'Actions'), timeline, result);
  let current = null;

  const refresh = async () => {
    current = await get(`/runs/${id}`);
    summary.replaceChildren(...head(current, actions, act));
    result.replaceChildren(...ending(current));
    document.title = `${current.run.state.toLowerCase()} - HART`;
    draw();
  };

  const act = async (path, body) => {
    try {
      await post(`/runs/${id}/${path}`, body);
      await refresh();
      watch();
    } catch (error) {
      notice(error.message);
    }
  };

  function draw() {
    list.replaceChildren(...[...actions.values()].map(action => item(action, current?.run.state)));
    if (!actions.size) {
      const planning = !current || current.run.state === 'RUNNING';
      list.replaceChildren(h('li', {},
        h('span', { class: `dot ${planning ? 'busy' : ''}` }),
        h('span', { class: 'quiet' }, planning ? 'Planning' : 'Nothing was run.')));
    }
  }

  /** The plan of a replay stands in its recipe; it is shown with the inputs of this run. */
  async function showPlan({ recipeId, recipeVersion, inputs }) {
    const recipe = await get(`/recipes/${recipeId}`).catch(() => null);
    if (recipe?.version === recipeVersion) {
      plan(actions, recipe, inputs);
      if (current) {
        summary.replaceChildren(...head(current, actions, act));
      }
      draw();
    }
  }

  let seen = 0;
  let watching = false;
  async function watch() {
    if (watching) {
      return;
    }
    watching = true;
    try {
      for (;;) {
        try {
          await follow(`/runs/${id}/events`, seen, (type, event) => {
            if (type === 'end') {
              return;
            }
            seen = Math.max(seen, event.seq);
            take(actions, type, event);
            if (type === 'run.started' && event.data.recipeId) {
              showPlan(event.data);
            }
            draw();
          }, stop.signal);
        } catch (error) {
          if (stop.signal.aborted) {
            return;
          }
          notice(error.message);
        }
        await refresh();
        if (stop.signal.aborted || current.run.state !== 'RUNNING') {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        notice(error.message);
        timeline.hidden = true;
      }
    } finally {
      watching = false;
    }
  }

  refresh().then(watch, error => notice(error.message));
  return () => stop.abort();
}

/** Lets one event change what is known about the actions. */
function take(actions, type, event) {
  const { data } = event;
  if (type === 'run.started') {
    plan(actions, data.recipe, data.inputs);
    return;
  }
  if (!/^(f\d+_)?(action_\d+|\d+(\.\d+)+)(~\d+)?$/.test(event.action)) {
    return;
  }
  if (type === 'definition.updated') {
    update(actions, data);
    return;
  }
  const known = action(actions, event.action, data.name);
  if (type === 'action.broken_down') {
    breakDown(actions, event.action, data.subtasks);
    return;
  }
  if (type === 'action_state.changed') {
    known.name = data.name ?? known.name;
    known.state = data.to;
    known.reason = data.reason;
  } else if (type.startsWith('step.')) {
    const step = known.steps.get(data.step) ?? {};
    known.steps.set(data.step, step);
    if (type === 'step.started') {
      Object.assign(step, { tool: data.tool ?? data.kind.toLowerCase(), args: data.args, attempt: data.attempt, error: null });
    } else if (type === 'step.finished') {
      const source = data.keptFrom ? 'kept' : data.given ? 'given' : '';
      Object.assign(step, { output: data.output, ms: data.ms, finished: true, source }, data.keptFrom ? { args: data.args } : {});
    } else {
      Object.assign(step, { error: `${data.message} (${data.code})`, ms: data.ms });
    }
  }
}

/** What is done from now on: actions that are assigned anew begin again, those that are no longer part of it are left out. */
function update(actions, { recipe, again }) {
  const before = new Map(actions);
  actions.clear();
  for (const flow of recipe.flows) {
    for (const each of flow.actions) {
      const place = `${flow.flowId ? `f${flow.flowId}_` : ''}action_${each.actionId}`;
      const task = [...before.keys()].find(key => key.split('~')[0] === place) ?? place;
      const fresh = again.includes(task) ? `${place}~${Number(task.split('~')[1] ?? 0) + 1}` : task;
      if (fresh === task && before.has(task)) {
        actions.set(task, before.get(task));
        const within = new RegExp(`^${task.replace('action_', '').replace(/~.*/, '')}\\.`);
        before.forEach((known, key) => within.test(key) && actions.set(key, known));
      } else {
        const known = action(actions, fresh, each.name);
        each.steps.forEach(step => known.steps.set(step.index, { tool: step.tool ?? step.kind.toLowerCase(), args: step.args }));
      }
    }
  }
}

/** Puts subtasks behind the action that was broken down into them. */
function breakDown(actions, task, subtasks) {
  const before = [...actions];
  actions.clear();
  const [place, epoch] = task.replace('action_', '').split('~');
  for (const [key, known] of before) {
    actions.set(key, known);
    if (key === task) {
      subtasks.forEach((each, index) => action(actions, `${place}.${index + 1}${epoch ? `~${epoch}` : ''}`, each.name));
    }
  }
}

/** Adds what is planned to what is known; what already happened stays as it is. */
function plan(actions, recipe, inputs = {}) {
  for (const flow of recipe?.flows ?? []) {
    for (const each of flow.actions) {
      const known = action(actions, `${flow.flowId ? `f${flow.flowId}_` : ''}action_${each.actionId}`, each.name);
      for (const step of each.steps) {
        if (!known.steps.has(step.index)) {
          known.steps.set(step.index, { tool: step.tool ?? step.kind.toLowerCase(), args: bound(step.args, inputs) });
        }
      }
    }
  }
}

/** Arguments with the inputs in their places, as far as they are known. */
function bound(args, inputs) {
  return JSON.parse(JSON.stringify(args), (key, value) => {
    if (typeof value !== 'string') {
      return value;
    }
    const [, whole] = value.match(/^\{\{inputs\.(\w+)\}\}$/) ?? [];
    return whole in inputs ? inputs[whole]
      : value.replace(/\{\{inputs\.(\w+)\}\}/g, (slot, name) => (name in inputs ? String(inputs[name]) : slot));
  });
}

function action(actions, task, name) {
  if (!actions.has(task)) {
    actions.set(task, { task, name: name ?? task, state: 'assigned', steps: new Map() });
  }
  return actions.get(task);
}

function item(action, runState) {
  let [tone, word] = ACTION_STATES[action.state] ?? ['', action.state];
  if (tone === 'busy' && runState && runState !== 'RUNNING') {
    [tone, word] = ['', 'stopped'];
  }
  const steps = [...action.steps.values()];
  const ms = steps.reduce((sum, step) => sum + (step.ms ?? 0), 0);
  return h('li', { 'data-action': action.task, 'data-state': action.state },
    h('span', { class: `dot ${tone}` }),
    h('span', { class: 'action-name' }, action.name, h('span', { class: 'state' }, word)),
    h('span', { class: 'took' }, steps.some(step => step.ms !== undefined) ? duration(ms) : ''),
    steps.map(stepLines));
}

function stepLines(step) {
  const result = step.finished && step.output !== null && step.output !== undefined ? valueText(step.output) : '';
  return h('div', { class: 'step' },
    h('span', { class: 'tool' }, step.tool),
    step.source ? h('span', { class: 'quiet' }, ` ${step.source}`) : null,
    step.attempt > 1 ? h('span', { class: 'quiet' }, ` attempt ${step.attempt}`) : null,
    ' ', h('span', { class: 'args' }, shorten(argumentText(step.args))),
    result ? h('p', { class: 'result' }, shorten(result)) : null,
    step.error ? h('p', { class: 'error' }, step.error) : null);
}

function shorten(text) {
  return text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}…` : text;
}

function head(current, actions, act) {
  const { run, savings, recipe } = current;
  const running = run.state === 'RUNNING';
  const parts = [
    h('h1', {}, run.request),
    h('div', { class: 'facts', id: 'facts' },
      stateBadge(run.state),
      modeBadge(run.mode),
      run.endedAt ? h('span', {}, duration(run.elapsedMs)) : null,
      h('span', {}, moment(run.startedAt)),
      recipe ? h('a', { href: `#/recipes/${recipe.recipeId}` }, `${recipe.name}@${recipe.version}`) : null,
      h('span', { class: 'id' }, run.id)),
  ];
  if (run.state === 'SUCCEEDED' && savings) {
    parts.push(h('p', { class: 'saved', id: 'savings' }, receipt(savings)));
  }
  for (const { action, reason } of run.waitingFor) {
    const asked = (current.questions ?? []).find(each => each.action === action);
    const approval = (current.approvals ?? []).find(each => each.action === action && each.tool);
    parts.push(asked ? asking(asked, act)
      : approval ? approving(approval, actions.get(action), act)
        : question(action, actions.get(action), reason, act));
  }
  if (running || run.state === 'PAUSED') {
    parts.push(h('div', { class: 'buttons' }, h('button', { click: () => act('cancel') }, 'Cancel')));
  }
  return parts;
}

function receipt(savings) {
  const saved = [];
  if (savings.speedUp !== undefined && savings.speedUp > 0) {
    saved.push(`${(savings.speedUp * 100).toFixed(1)} % less time`);
  }
  if (savings.modelCalls > 0) {
    saved.push(`${savings.modelCalls} model call${savings.modelCalls === 1 ? '' : 's'} and ${savings.tokens} tokens saved`);
  }
  return saved.length ? `${saved.join(', ')} than when it was learned.`.replace('saved than', 'fewer than')
    : 'Replayed from a recipe, without planning.';
}

/** A question of the run: a button for each choice, else a field. */
function asking({ question, text, schema = {}, deadline }, act) {
  const answer = value => act('answer', { question, value });
  const choices = schema.enum ?? (schema.type === 'boolean' ? [true, false] : null);
  const field = h('input', { type: 'text', 'aria-label': text });
  return h('div', { class: 'panel waiting' },
    h('p', {}, text),
    deadline ? h('p', { class: 'quiet' }, `until ${moment(deadline)}`) : null,
    h('div', { class: 'buttons' },
      choices
        ? choices.map(choice => h('button', { click: () => answer(choice) }, choice === true ? 'Yes' : choice === false ? 'No' : valueText(choice)))
        : [field, h('button', { class: 'primary', click: () => answer(valueOf(field.value, schema)) }, 'Answer')]));
}

/** What was typed: a text where one is asked for or it is no JSON. */
function valueOf(typed, schema) {
  if (schema.type === 'string') {
    return typed;
  }
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** A call that waits for its approval, with why. */
function approving({ action, tool, arguments: args, reasons }, known, act) {
  return h('div', { class: 'panel waiting' },
    h('p', {}, `“${known?.name ?? action}” waits for your approval. May it go ahead?`),
    h('ul', {}, reasons.map(reason => h('li', {}, reason))),
    h('p', { class: 'mono' }, `${tool} ${argumentText(args)}`),
    h('div', { class: 'buttons' },
      h('button', { class: 'primary', click: () => act('approve', { action }) }, 'Approve'),
      h('button', { click: () => act('reject', { action }) }, 'Reject')));
}

function question(action, known, reason, act) {
  const does = [...(known?.steps.values() ?? [])].map(step => `${step.tool} ${argumentText(step.args)}`).join(', ');
  const name = known?.name ?? action;
  if (reason === 'IN_DOUBT') {
    return h('div', { class: 'panel waiting' },
      h('p', {}, `Did “${name}” have its effect? It was started and never reported back.`),
      h('div', { class: 'buttons' },
        h('button', { click: () => act('resolve', { action, decision: 'RUN_AGAIN' }) }, 'It did not: run it again'),
        h('button', { click: () => act('resolve', { action, decision: 'TAKE_AS_DONE' }) }, 'It did: go on'),
        h('button', { click: () => act('resolve', { action, decision: 'GIVE_UP' }) }, 'Give up')));
  }
  return h('div', { class: 'panel waiting' },
    h('p', {}, `“${name}” takes something away that cannot be brought back. May it go ahead?`),
    does ? h('p', { class: 'mono' }, does) : null,
    h('div', { class: 'buttons' },
      h('button', { class: 'primary', click: () => act('approve', { action }) }, 'Approve'),
      h('button', { click: () => act('reject', { action }) }, 'Reject')));
}

function ending(current) {
  const parts = [];
  if (current.failure && current.run.state !== 'PAUSED') {
    parts.push(h('h2', {}, 'Why it did not succeed'),
      h('div', { class: 'panel failure', id: 'failure' }, `${current.failure.message} (${current.failure.code})`));
  }
  if (current.run.state === 'SUCCEEDED') {
    parts.push(h('h2', {}, 'Output'),
      h('div', { class: 'panel' }, h('pre', { class: 'output', id: 'output' },
        current.output === undefined ? 'none' : valueText(current.output))));
  }
  if (current.report?.notes.length) {
    parts.push(h('h2', {}, 'Notes'), h('ul', {}, current.report.notes.map(note => h('li', {}, note))));
  }
  return parts;
}
