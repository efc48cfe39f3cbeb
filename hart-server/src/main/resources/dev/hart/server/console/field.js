// A field of a form for a value that follows a JSON Schema.

import { h } from './dom.js';

/** The field's element, and `read`, which gives its name and value: undefined when nothing was entered. */
export function field(name, schema, required, id = `input-${name}`) {
  const types = [schema.type ?? 'string'].flat();
  const plain = !types.includes('object') && !types.includes('array');
  const choice = values => h('select', { id, required }, required ? null : h('option', { value: '' }, ''),
    values.map(each => h('option', { value: each }, each)));
  const box = schema.enum?.every(each => typeof each === 'string') ? choice(schema.enum)
    : types.includes('boolean') ? h('select', { id }, required ? null : h('option', { value: '' }, ''), h('option', { value: 'true' }, 'yes'), h('option', { value: 'false' }, 'no'))
    : h(plain ? 'input' : 'textarea', {
      id, required, autocomplete: 'off', ...(types.includes('integer') || types.includes('number') ? { inputmode: 'decimal' } : {}),
      placeholder: plain ? String(schema.examples?.[0] ?? '') : 'JSON',
    });
  return {
    element: h('div', { class: 'field' },
      h('label', { for: id }, name, required ? null : h('span', { class: 'quiet' }, ' may be left out')),
      schema.description ? h('div', { class: 'quiet' }, schema.description) : null,
      box),
    read: () => [name, value(name, box.value, types)],
  };
}

/** What the field holds as the input's type; undefined for nothing. */
function value(name, text, types) {
  if (text === '') {
    return undefined;
  }
  if (types.includes('string')) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} must be ${types.join(' or ')}, in JSON`);
  }
}
