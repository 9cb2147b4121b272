// Draws the events of the operator's api/events. Uses no library and sends no other requests.
'use strict';

const byId = (id) => document.getElementById(id);
const svgNamespace = 'http://www.w3.org/2000/svg';
let state = null;
let chosen = null;  // {kind, namespace, name}
let shownVersion = '';

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function svgElement(name, attributes, text) {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function age(createdAt) {
  if (!createdAt) return '-';
  let rest = Math.max(0, Math.floor((Date.now() - Date.parse(createdAt)) / 1000));
  for (const [unit, seconds] of [['d', 86400], ['h', 3600], ['m', 60]])
    if (rest >= seconds) return Math.floor(rest / seconds) + unit;
  return rest + 's';
}

const money = (amount) => amount === undefined ? '-' : '$' + amount.toFixed(2);
const tone = (object) => object.ready === 'True' ? (object.synced === 'True' ? 'good' : 'busy')
  : (object.readyReason === 'Failed' || object.readyReason === 'Lost' ? 'bad' : 'busy');
const sameObject = (a, b) => a && b && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;

function progressCell(object) {
  const cell = element('td');
  if (object.fraction >= 0) {
    const bar = element('progress');
    bar.max = 1;
    bar.value = object.fraction;
    bar.setAttribute('aria-label', 'Progress of ' + object.name);
    cell.append(bar, ' ');
  }
  const words = [];
  if (object.nodes !== undefined) words.push((object.readyNodes || 0) + '/' + object.nodes + ' nodes');
  if (object.doing) words.push(object.doing);
  cell.append(words.join(', '));
  return cell;
}

function drawObjects() {
  const body = byId('objects').tBodies[0];
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.object : null;
  const rows = state.objects.map((object) => {
    const row = element('tr');
    const name = element('th');
    name.scope = 'row';
    const open = element('button', (object.namespace ? object.namespace + '/' : '') + object.name);
    open.type = 'button';
    open.dataset.object = object.kind + ' ' + open.textContent;
    open.addEventListener('click', () => choose(object));
    name.append(open);
    row.append(name, element('td', object.kind, 'kind'),
      element('td', object.ready + (object.readyReason ? ' (' + object.readyReason + ')' : ''), tone(object)),
      element('td', object.phase || '-'), progressCell(object), element('td', object.syncedReason || '-'),
      element('td', money(object.monthlyCost), 'number'), element('td', age(object.createdAt), 'number'));
    return row;
  });
  body.replaceChildren(...rows);
  if (focused) {
    const again = [...body.querySelectorAll('button')].find((button) => button.dataset.object === focused);
    if (again) again.focus();
  }
  const cost = state.objects.reduce((sum, object) => sum + (object.monthlyCost || 0), 0);
  const ready = state.objects.filter((object) => object.ready === 'True').length;
  byId('totals').textContent = state.objects.length + (state.objects.length === 1 ? ' object, ' : ' objects, ') + ready + ' ready, ' + money(cost) + ' a month' +
    part();
}

// The part of the objects that this replica shows, unless it shows all.
function part() {
  if (!state.shards) return state.leading ? '' : '. This replica does not lead';
  const owned = state.shards.owned, count = state.shards.count;
  if (!owned.length) return '. This replica has none of the ' + count + ' shards yet: the others show the objects';
  return '. This replica has ' + (owned.length === count ? 'all ' + count + ' shards' : owned.length + ' of ' + count +
    ' shards (' + owned.join(', ') + ') and shows their objects; the others show theirs');
}

function drawPlugins() {
  byId('plugins').replaceChildren(...state.plugins.map((plugin) =>
    element('li', plugin.name + ' ' + plugin.version + ': ' + plugin.description + ' (' + plugin.kinds.join(', ') + ')' +
      (plugin.capabilities ? '. It can ' + plugin.capabilities + '.' : ''))));
}

// One plot: time on the x axis, the value on the y axis; the line has gaps where there is no sample.
function plot(title, unit, points) {
  const figure = element('figure');
  const known = points.filter((point) => point.value !== undefined);
  const most = Math.max(...known.map((point) => point.value), 0);
  const top = most > 0 ? most : 1;
  const last = known.length ? known[known.length - 1].value : undefined;
  const caption = title + (last === undefined ? ': nothing measured yet' : ': now ' + last + unit + ', at most ' + most + unit);
  const svg = svgElement('svg', {viewBox: '0 0 400 120', role: 'img', 'aria-label': caption});
  svg.append(svgElement('line', {class: 'axis', x1: 0, y1: 100, x2: 400, y2: 100}));
  const end = points.length ? points[points.length - 1].t : 0;
  let path = '';
  let pen = false;
  for (const point of points) {
    if (point.value === undefined) { pen = false; continue; }
    const x = (400 - (end - point.t) / 9).toFixed(1), y = (100 - point.value / top * 90).toFixed(1);
    path += (pen ? 'L' : 'M') + x + ' ' + y;
    pen = true;
  }
  if (path) svg.append(svgElement('path', {class: 'series', d: path}));
  svg.append(svgElement('text', {x: 2, y: 114}, '-1 h'), svgElement('text', {x: 370, y: 114}, 'now'));
  figure.append(svg, element('figcaption', caption));
  return figure;
}

function drawPlots() {
  const of = (name) => state.samples.map((sample) => ({t: sample.t, value: sample[name]}));
  byId('plots').replaceChildren(plot('Queue depth', '', of('queue')), plot('Reconciles a second', '', of('rate')),
    plot('Reconcile latency', ' s', of('latency')), plot('Quota left (of 1)', '', of('quota')));
}

const outcomeTone = (outcome) => outcome === 'ok' || outcome === 'done' ? 'good'
  : outcome === 'wait' || outcome === 'not_found' ? 'busy' : 'bad';

// The effects as a picture: a row for each operation, and a mark for each effect whose width is its
// duration. One unit is a pixel, so that its text has the size of all other text on any screen.
function timeline(effects, width) {
  const operations = [...new Set(effects.map((effect) => effect.operation))];
  const times = effects.map((effect) => Date.parse(effect.time));
  const first = Math.min(...times);
  const span = Math.max(Math.max(...effects.map((effect, i) => times[i] + effect.tookMilliseconds)) - first, 1000);
  const height = operations.length * 22 + 24;
  const left = 120, room = Math.max(width - left - 8, 100);
  const svg = svgElement('svg', {viewBox: '0 0 ' + (left + room + 8) + ' ' + height, role: 'img',
    'aria-label': 'Timeline of ' + effects.length + ' effects over ' + Math.round(span / 1000) + ' s; the table below has the same'});
  operations.forEach((operation, row) => {
    svg.append(svgElement('text', {x: 4, y: row * 22 + 16}, operation));
    svg.append(svgElement('line', {class: 'axis', x1: left, y1: row * 22 + 20, x2: left + room, y2: row * 22 + 20}));
  });
  effects.forEach((effect, i) => {
    const mark = svgElement('rect', {class: 'mark-' + outcomeTone(effect.outcome), y: operations.indexOf(effect.operation) * 22 + 5,
      x: (left + (times[i] - first) / span * (room - 4)).toFixed(1), height: 12,
      width: Math.max(4, effect.tookMilliseconds / span * (room - 4)).toFixed(1)});
    mark.append(svgElement('title', {}, effect.operation + ' ' + (effect.target || '') + ': ' + effect.outcome + ', ' +
      effect.tookMilliseconds + ' ms' + (effect.count ? ', ' + effect.count + ' times' : '')));
    svg.append(mark);
  });
  svg.append(svgElement('text', {x: left, y: height - 5}, new Date(first).toLocaleTimeString()),
    svgElement('text', {x: left + room, y: height - 5, 'text-anchor': 'end'}, new Date(first + span).toLocaleTimeString()));
  return svg;
}

let shownEffects = [];
function drawTimeline() {
  byId('timeline').replaceChildren(...(shownEffects.length ? [timeline(shownEffects, byId('timeline').clientWidth)] : []));
}

function drawPools(pools) {
  byId('pools-part').hidden = pools.length === 0;
  byId('pools').replaceChildren(...pools.map((pool) => {
    const part = element('details');
    part.open = pools.length < 4;
    part.append(element('summary', pool.name + ': ' + (pool.readyNodes || 0) + '/' + (pool.count || 0) + ' ' + (pool.size || '')));
    const list = element('ul');
    for (const node of pool.nodes || [])
      list.append(element('li', (node.name || node.id) + ' ' + (node.state || '') + (node.dropletID ? ' (Droplet ' + node.dropletID + ')' : '')));
    part.append(list);
    return part;
  }));
}

function drawDetail(answer) {
  const object = answer.object;
  byId('detail-title').textContent = object.kind + ' ' + (object.namespace ? object.namespace + '/' : '') + object.name;
  byId('message').textContent = [object.id ? 'Cloud object ' + object.id : 'No cloud object yet',
    object.readyMessage && (object.readyReason || 'Ready') + ': ' + object.readyMessage,
    object.synced !== 'True' && object.syncedMessage && object.syncedReason + ': ' + object.syncedMessage].filter(Boolean).join('\n');
  const steps = object.steps || [];
  byId('plan').replaceChildren(...(steps.length ? steps.map((step) => element('li', step.verb + ' ' + step.target +
    (step.why ? ': ' + step.why : '') + (step.destroys ? ' (destroys; waits for an approval)' : ''), step.current ? 'busy' : '')) : []));
  byId('plan-part').hidden = steps.length === 0;
  const effects = (answer.recording && answer.recording.effects) || [];
  shownEffects = effects;
  drawTimeline();
  byId('timeline-caption').textContent = effects.length ? 'When each effect began and how long it took. Next: ' +
    (answer.recording.until ? new Date(answer.recording.until).toLocaleTimeString() : 'when the object changes') : 'No effects yet.';
  byId('effects').tBodies[0].replaceChildren(...effects.slice().reverse().map((effect) => {
    const row = element('tr');
    row.append(element('td', new Date(effect.time).toLocaleTimeString()), element('td', effect.operation),
      element('td', (effect.target || '') + (effect.count ? ' (' + effect.count + ' times)' : '')),
      element('td', effect.outcome, outcomeTone(effect.outcome)), element('td', effect.tookMilliseconds + ' ms', 'number'),
      element('td', effect.detail || ''));
    return row;
  }));
  drawPools((answer.status && answer.status.nodePools) || []);
  const events = answer.events.slice().sort((a, b) => b.time.localeCompare(a.time)).slice(0, 30);
  byId('events').replaceChildren(...(events.length ? events.map((event) => element('li', event.time + ' ' + event.reason + ': ' +
    event.message + (event.count > 1 ? ' (' + event.count + ' times)' : ''))) : [element('li', 'none')]));
}

async function refreshDetail() {
  if (!chosen) return;
  const asked = chosen;
  const path = 'api/objects/' + [asked.kind, asked.namespace, asked.name].filter(Boolean).map(encodeURIComponent).join('/');
  const answer = await fetch(path).catch(() => null);
  if (chosen !== asked) return;
  if (!answer || !answer.ok) {
    if (answer && answer.status === 404) close();
    return;
  }
  drawDetail(await answer.json());
}

async function choose(object) {
  chosen = {kind: object.kind, namespace: object.namespace, name: object.name};
  shownVersion = object.version;
  byId('detail').hidden = false;
  await refreshDetail();
  byId('detail-title').focus();
}

function close() {
  const was = chosen;
  chosen = null;
  byId('detail').hidden = true;
  if (!was) return;
  const name = was.kind + ' ' + (was.namespace ? was.namespace + '/' : '') + was.name;
  const button = [...document.querySelectorAll('#objects button')].find((item) => item.dataset.object === name);
  if (button) button.focus();
}

function follow() {
  const source = new EventSource('api/events');
  source.addEventListener('state', (event) => {
    state = JSON.parse(event.data);
    byId('connection').textContent = 'live';
    drawObjects();
    drawPlugins();
    drawPlots();
    if (!chosen) return;
    const now = state.objects.find((object) => sameObject(object, chosen));
    if (!now) return close();
    if (now.version !== shownVersion) {
      shownVersion = now.version;
      refreshDetail();
    }
  });
  source.addEventListener('error', () => { byId('connection').textContent = 'the operator does not answer; the page tries again'; });
}

window.addEventListener('resize', drawTimeline);
byId('close').addEventListener('click', close);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && chosen) close(); });
setInterval(() => { if (state) drawObjects(); }, 10000);
setInterval(refreshDetail, 5000);
follow();
