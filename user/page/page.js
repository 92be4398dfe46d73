// SPDX-License-Identifier: GPL-2.0
// Asks the tracer every two seconds, while somebody can see the page, and shows what it said.

const REFRESH_MS = 2000;
const TIMEOUT_MS = 8000;
const RATE_SECONDS = 10;
const THEMES = ['system', 'dark', 'light'];

const view = { metrics: null, fsm: null, ready: undefined, unhealthy: '', updated: '',
	       failed: null };
const rates = new Rates(RATE_SECONDS);
const findings = new Findings();
const diagram = new Diagram(byId('diagram'));
const news = new News();
let paused = false;
let busy = false;
let timer = 0;

function timeText() {
	return new Date().toLocaleTimeString([], { hour12: false });
}

async function ask(path) {
	return fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS),
			     headers: path === '/metrics' ? { Accept: 'text/plain; version=0.0.4' } : {} });
}

async function askFor(path) {
	const answer = await ask(path);

	if (!answer.ok)
		throw new Error(`${path} answered ${answer.status}`);
	return path === '/metrics' ? answer.text() : answer.json();
}

// They come a thousand at a time. One that moves up meanwhile may come twice.
async function askForFindings() {
	const byNumber = new Map();
	let told = { next: 0 };

	while (told.next !== null && told.next !== undefined) {
		told = await askFor(`/api/v1/findings${told.next ? `?after=${told.next}` : ''}`);
		for (const finding of told.findings)
			if (finding)
				byNumber.set(finding.id, {
					...finding, count: finding.count_now, asked_ns: told.mono_ns,
				});
	}
	return { mono_ns: told.mono_ns, findings: [...byNumber.values()] };
}

async function update() {
	const [text, told, fsm, ready, healthy] = await Promise.all([
		askFor('/metrics'), askForFindings(), askFor('/api/v1/fsm'),
		ask('/readyz'), ask('/healthz')]);

	view.metrics = new Metrics(text);
	view.fsm = fsm;
	view.ready = ready.ok;
	view.unhealthy = healthy.ok || !ready.ok ? ''
		: (await healthy.text()).trim() || `status ${healthy.status}`;
	view.updated = timeText();
	view.failed = null;
	rates.add(view.metrics, performance.now() / 1000);
	findings.update(told);
}

function why(error) {
	if (error.name === 'TimeoutError')
		return `no answer within ${TIMEOUT_MS / 1000} s`;
	return error.name === 'TypeError' ? 'no connection' : error.message;
}

// The model's edges with what /metrics counts on them.
function edgesNow() {
	const key = (labels) => `${labels.from} ${labels.to}`;
	const totals = new Map(view.metrics.samples('tcpclose_transitions_total')
		.map(({ labels, value }) => [key(labels), value]));

	return view.fsm.edges.map((edge) => {
		const labels = { from: edge.from, to: edge.to };

		return { ...edge, total: totals.get(key(labels)) || 0,
			 median: edge.median_ns === null ? null : edge.median_ns / 1e9,
			 rate: rates.of('tcpclose_transitions_total', labels) };
	});
}

function showData() {
	const edges = edgesNow();

	showFigures(view.metrics, rates);
	diagram.update(view.metrics.by('tcpclose_sockets', 'state'),
		       view.metrics.by('tcpclose_stuck_sockets', 'state'), findings.worst(), edges);
	showEdges(byId('edges'), edges);
	showTimeWait(view.metrics);
	showStay(view.metrics);
	showHealth(view, rates);
}

function showAll() {
	showStatus(view, findings);
	showDoubts(view, rates);
	news.tell(view, findings);
	setText(byId('updated'), paused ? `paused, of ${view.updated}`
		: view.updated ? `updated ${view.updated}` : 'not yet updated');
	if (view.metrics && !view.failed)
		showData();
}

// One round; the next begins two seconds after this one did, later where rounds take long.
async function refresh() {
	if (busy || paused || document.hidden)
		return;
	const began = performance.now();
	busy = true;
	clearTimeout(timer);
	try {
		await update();
	} catch (error) {
		view.failed = { since: view.failed ? view.failed.since : timeText(), why: why(error) };
	}
	showAll();
	busy = false;
	const took = performance.now() - began;
	timer = setTimeout(refresh, Math.max(REFRESH_MS - took, 2 * took));
}

function remembered(name, value) {
	try {
		if (value !== undefined)
			localStorage.setItem(name, value);
		return localStorage.getItem(name);
	} catch {
		return null;	// storage may be forbidden
	}
}

function setTheme(theme) {
	if (theme === 'system')
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = theme;
	setText(byId('theme'), `Theme: ${theme}`);
}

function start() {
	let theme = THEMES.includes(remembered('theme')) ? remembered('theme') : THEMES[0];

	setTheme(theme);
	byId('theme').addEventListener('click', () => {
		theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
		remembered('theme', theme);
		setTheme(theme);
	});
	byId('pause').addEventListener('click', () => {
		paused = !paused;
		byId('pause').setAttribute('aria-pressed', String(paused));
		setText(byId('pause'), paused ? 'Resume' : 'Pause');
		if (paused)
			showAll();
		else
			refresh();
	});
	byId('stay-state').addEventListener('change', () => view.metrics && showStay(view.metrics));
	document.addEventListener('visibilitychange', refresh);
	setText(byId('host'), location.host);
	refresh();
}

start();
