/** The page: draws what the sandbox sends, and tells it which button was pressed. */

const byId = (id) => document.getElementById(id);

const tone = {
  Assigned: 'good',
  Running: 'good',
  Created: 'wait',
  Pending: 'wait',
  Unassigned: 'wait',
  Failed: 'bad',
};

const toned = (text, kind = tone[text]) => ({ text, kind });
const link = (text, href) => (href === '' ? { text } : { text, href });
const status = (code) => toned(String(code || 'no answer'), code >= 200 && code < 300 ? 'good' : 'bad');
const clockTime = (time) => time.replace(/^.*T|\.\d+Z$|Z$/g, '');

/** One table per section: its headings and how a row of the state becomes cells. */
const tables = {
  pods: {
    heads: ['Pod', 'Label', 'Phase', 'Address', 'Identities', 'Page'],
    cells: (pod) => [
      pod.name,
      pod.label || { text: 'no label', kind: 'mute' },
      toned(pod.phase),
      pod.ip,
      pod.identities.join(', ') || { text: 'none', kind: 'mute' },
      link(pod.page, pod.page),
    ],
  },
  identities: {
    heads: ['Identity', 'Type', 'Client id', 'In Azure'],
    cells: (identity) => [
      identity.name,
      ['managed identity', 'service principal', 'certificate'][identity.type] ?? String(identity.type),
      identity.clientId,
      identity.breakage ? toned(`${identity.azureId}: ${identity.breakage}`, 'bad') : identity.azureId,
    ],
  },
  bindings: {
    heads: ['Binding', 'Identity', 'Selector'],
    cells: (binding) => [binding.name, binding.identity, binding.selector],
  },
  assignments: {
    heads: ['Assigned identity', 'Pod', 'State', 'Reason'],
    cells: (assigned) => [assigned.name, assigned.pod, toned(assigned.state), assigned.reason],
  },
  machines: {
    heads: ['Scale set or VM', 'Identities on it'],
    cells: (machine) => [machine.id, machine.identities.join(', ') || { text: 'none', kind: 'mute' }],
  },
  tokenRequests: {
    heads: ['Time', 'Pod', 'Status', 'Took', 'What NMI said'],
    cells: (request) => [
      clockTime(request.time),
      request.pod || request.remote,
      status(request.status),
      `${request.milliseconds} ms`,
      request.detail,
    ],
  },
  armCalls: {
    heads: ['Time', 'Call', 'Status', 'Took', 'Note'],
    cells: (call) => [
      clockTime(call.time),
      `${call.method} ${call.path}`,
      status(call.status),
      `${call.ms} ms`,
      call.note,
    ],
  },
};

function cell(content) {
  const { text, kind, href } = typeof content === 'string' ? { text: content } : content;
  const td = document.createElement('td');
  const inner = href === undefined ? td : td.appendChild(document.createElement('a'));
  if (href !== undefined) Object.assign(inner, { href, target: '_blank', rel: 'noreferrer' });
  inner.textContent = text;
  if (kind !== undefined) td.className = kind;
  return td;
}

function row(tag, cells) {
  const tr = document.createElement('tr');
  tr.append(...cells.map((content) => (tag === 'td' ? cell(content) : heading(content))));
  return tr;
}

function heading(text) {
  const th = document.createElement('th');
  th.scope = 'col';
  th.textContent = text;
  return th;
}

function draw(state) {
  for (const [name, { heads, cells }] of Object.entries(tables)) {
    const rows = state[name].map((item) => row('td', cells(item)));
    const body = rows.length > 0 ? rows : [row('td', [{ text: 'none yet', kind: 'mute' }])];
    byId(name).replaceChildren(row('th', heads), ...body);
  }
  drawPrograms(state);
  byId('kubectl').textContent = `${state.kubectl} get pods`;
  byId('links').replaceChildren(...state.programs.map((program) => programLinks(program, state.kubectl)));
}

function drawPrograms({ programs, azureStopped }) {
  const parts = programs.map(({ name, running, restarts }) => {
    const again = restarts === 0 ? '' : `, started again ${restarts} times`;
    return part(`${name}: ${running ? 'running' : 'not running'}${again}`, running ? 'good' : 'bad');
  });
  const azure = azureStopped.length === 0 ? 'Azure: running' : `Azure: ${azureStopped.join(', ')} stopped`;
  byId('programs').replaceChildren(...parts, part(azure, azureStopped.length === 0 ? 'good' : 'bad'));
}

function part(text, kind) {
  const span = document.createElement('span');
  span.className = kind;
  span.textContent = `${text}  `;
  return span;
}

function programLinks({ name, pod, log, metrics }, kubectl) {
  const li = document.createElement('li');
  const anchor = document.createElement('a');
  Object.assign(anchor, { href: metrics, textContent: metrics, target: '_blank', rel: 'noreferrer' });
  li.append(`${name}: metrics `, anchor, ', log ', codeOf(`${kubectl} logs ${pod}`), ' or ', codeOf(log));
  return li;
}

function codeOf(text) {
  const code = document.createElement('code');
  code.textContent = text;
  return code;
}

async function press(button) {
  const outcome = byId('outcome');
  button.disabled = true;
  outcome.textContent = `${button.textContent}...`;
  try {
    const answer = await fetch(`actions/${button.dataset.action}`, { method: 'POST' });
    outcome.textContent = await answer.text();
    outcome.classList.toggle('failed', !answer.ok);
  } catch {
    outcome.textContent = 'the sandbox does not answer';
    outcome.classList.add('failed');
  } finally {
    button.disabled = false;
  }
}

function drawButtons(buttons) {
  const groups = Map.groupBy(buttons, ({ group }) => group);
  byId('buttons').replaceChildren(...[...groups].map(([group, members]) => fieldset(group, members)));
}

function fieldset(group, members) {
  const set = document.createElement('fieldset');
  const legend = document.createElement('legend');
  legend.textContent = group;
  set.append(legend, ...members.map(buttonOf));
  return set;
}

function buttonOf({ id, text }) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', id, textContent: text });
  button.dataset.action = id;
  button.addEventListener('click', () => void press(button));
  return button;
}

const events = new EventSource('events');
events.addEventListener('buttons', ({ data }) => {
  drawButtons(JSON.parse(data));
});
events.addEventListener('message', ({ data }) => {
  draw(JSON.parse(data));
});
events.addEventListener('error', () => {
  byId('programs').textContent = 'the sandbox has ended or is starting again';
});
