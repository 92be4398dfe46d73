// SPDX-License-Identifier: GPL-2.0
// The findings: the worst first, a page of them at a time, so that ten thousand cost what fifty do.

const PAGE = 50;
const SEVERITIES = ['critical', 'warning', 'info'];
const SS_STATES = { CLOSE_WAIT: 'close-wait', FIN_WAIT1: 'fin-wait-1', FIN_WAIT2: 'fin-wait-2',
		    LAST_ACK: 'last-ack', CLOSING: 'closing', SYN_RECV: 'syn-recv' };

function rankOf(finding) {
	const rank = SEVERITIES.indexOf(finding.severity);

	return rank < 0 ? SEVERITIES.length : rank;
}

// By severity, then by the count's order of magnitude: rows do not jump while a count grows.
function worseFirst(a, b) {
	const magnitude = (finding) => Math.floor(Math.log10(finding.count || 1));

	return rankOf(a) - rankOf(b) || magnitude(b) - magnitude(a) || a.id - b.id;
}

function processText(owner) {
	return `${nameText(owner.comm)}[${owner.pid}]`;
}

function ownerText(finding) {
	const owners = finding.owners || [];
	const service = finding.service && finding.service !== 'none' ? nameText(finding.service) : '';
	const others = owners.length > 1 ? ` and ${countText(owners.length - 1)} more` : '';

	if (!owners.length)
		return service || 'no process';
	const process = processText(owners[0]) + others;
	return service && service !== nameText(owners[0].comm) ? `${service}, ${process}` : process;
}

function placeText(finding) {
	if (finding.raddr !== undefined)
		return `${endText(finding.laddr, finding.lport)} to ${endText(finding.raddr, finding.rport)}`;
	if (finding.service_lport !== undefined)
		return `local port ${finding.service_lport}`;
	return finding.service_rport !== undefined ? `remote port ${finding.service_rport}` : '';
}

function endText(address, port) {
	return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function whatText(finding) {
	if (finding.to !== undefined)
		return `${plural(finding.count, 'transition')} ${finding.state} to ${finding.to} that no Linux makes`;
	return `${plural(finding.count, 'socket')} in ${finding.state}`;
}

// How long ago it was asked for is part of its age.
function ageOf(finding, now) {
	if (finding.oldest_now_ns === null)
		return undefined;
	return (finding.oldest_now_ns + Math.max(0, now - finding.asked_ns)) / 1e9;
}

function ageText(finding, now) {
	const age = ageOf(finding, now);

	return age === undefined ? ''
		: `oldest ${finding.oldest_at_least ? 'at least ' : ''}${durationText(age)}`;
}

function verdictText(finding) {
	const all = Object.entries(finding.verdicts || {});
	const told = all.length > 1
		? all.sort((a, b) => b[1] - a[1]).map(([verdict, n]) => `${verdict} ${countText(n)}`).join(', ')
		: finding.verdict || '';

	return finding.unread_bytes ? `${told}; ${bytesText(finding.unread_bytes)} unread` : told;
}

function outlookText(finding) {
	const parts = [];

	if (finding.growth_per_s > 0)
		parts.push(`${shortText(finding.growth_per_s)} more each second`);
	if (finding.fd_limit)
		parts.push(`${countText(finding.fd_open)} of ${countText(finding.fd_limit)} descriptors open`);
	if (finding.eta_s !== null && finding.eta_s !== undefined)
		parts.push(`the last one in ${durationText(finding.eta_s)}`);
	return parts.join(', ');
}

function factsOf(finding, now) {
	const facts = [['Rule', nameText(finding.rule)], ['Finding', String(finding.id)],
		       ['Told', `${durationText(Math.max(0, now - finding.mono_ns) / 1e9)} ago`],
		       ['Confidence', finding.confidence || '–']];
	const add = (name, value, text) => {
		if (value !== undefined && value !== null)
			facts.push([name, text ? text(value) : countText(value)]);
	};

	if (placeText(finding))
		facts.push(['Where', placeText(finding)]);
	add('Service', finding.service, nameText);
	add('Network namespace', finding.netns, String);
	add('Socket cookie', finding.cookie, String);
	add('Not acknowledged', finding.unacked_bytes, bytesText);
	add('Peer\'s window closed', finding.zero_window, (n) => plural(n, 'socket'));
	add('Held by nobody', finding.orphans, (n) => plural(n, 'socket'));
	add('Retransmissions', finding.retransmits, (n) => finding.retransmits_limit
		? `${countText(n)} of at most ${countText(finding.retransmits_limit)}` : countText(n));
	add('Next one in', finding.next_retransmit_ns, (ns) => durationText(ns / 1e9));
	add('Probes', finding.probes);
	add('Kept for', finding.kept_ns, (ns) => durationText(ns / 1e9));
	return facts;
}

// Only numbers of ours go into what a person may paste into a shell.
function commandsOf(finding) {
	const commands = [];
	const pid = finding.owners && finding.owners.length && Number(finding.owners[0].pid);
	const port = finding.service_lport || finding.lport;

	if (pid)
		commands.push(`tcpclose-trace stuck -p ${pid}`);
	if (SS_STATES[finding.state])
		commands.push(`ss -tanep state ${SS_STATES[finding.state]}` +
			      (Number(port) ? ` "( sport = :${Number(port)} )"` : ''));
	return commands;
}

function makeFinding() {
	const part = (tag, name) => element(tag, { class: name });
	const mark = element('span', { class: 'open-mark', 'aria-hidden': 'true' });
	const line = element('div', { class: 'line' }, mark, part('span', 'badge'), part('bdi', 'who'),
			     part('span', 'what'), part('span', 'age'));
	const details = element('details', {}, element('summary', {}, line, part('p', 'advice'),
						       part('p', 'outlook'), part('p', 'verdict')));
	const item = element('li', {}, details);

	details.addEventListener('toggle', () => details.open && showMore(item));
	return item;
}

// What is behind a row is made when it is opened.
function showMore(item) {
	const details = item.firstElementChild;
	const finding = item.finding;
	let more = details.querySelector('.more');

	if (!more) {
		more = element('div', { class: 'more' }, element('dl', { class: 'facts' }),
			       element('div', { class: 'scroll' }, element('table')),
			       element('div', { class: 'try' }, 'Look closer, on the host:'));
		details.append(more);
	}
	setFacts(more.querySelector('dl'), factsOf(finding, item.now));
	const owners = finding.owners || [];
	more.querySelector('.scroll').hidden = !owners.length;
	setTable(more.querySelector('table'), 'Who holds the sockets',
		 ['Process', { n: 'Sockets' }, 'Descriptors', 'Control group'],
		 owners.map((owner) => [processText(owner), { n: countText(owner.count) },
					owner.fds || String(owner.fd), nameText(owner.cgroup || '–')]));
	const commands = commandsOf(finding);
	more.querySelector('.try').hidden = !commands.length;
	reconcile(more.querySelector('.try'), commands, (command) => command,
		  () => element('code'), (code, command) => setText(code, command));
}

function updateFinding(item, finding, now) {
	const set = (name, text) => {
		const node = item.querySelector(name);

		setText(node, text);
		node.hidden = !text;
	};

	item.finding = finding;
	item.now = now;
	setClass(item, `finding ${SEVERITIES.includes(finding.severity) ? finding.severity : 'info'}`);
	set('.badge', finding.severity);
	set('.who', ownerText(finding));
	set('.what', `${whatText(finding)}${placeText(finding) ? `, ${placeText(finding)}` : ''}`);
	set('.age', ageText(finding, now));
	set('.verdict', verdictText(finding));
	set('.outlook', outlookText(finding));
	set('.advice', nameText(finding.advice || ''));
	if (item.firstElementChild.open)
		showMore(item);
}

function searchText(finding) {
	return [finding.service, finding.state, finding.severity, finding.rule, placeText(finding),
		finding.advice, ...Object.keys(finding.verdicts || {}), finding.verdict,
		...(finding.owners || []).flatMap((owner) => [processText(owner), owner.cgroup])]
		.join(' ').toLowerCase();
}

class Findings {
	constructor() {
		this.all = [];
		this.now = 0;
		this.pages = 1;
		this.shown = new Set(SEVERITIES);
		byId('filter').addEventListener('input', () => {
			this.pages = 1;
			this.show();
		});
		byId('more').addEventListener('click', () => {
			this.pages += 2;
			this.show();
		});
		this.buttons = SEVERITIES.map((severity) => this.addButton(severity));
	}

	addButton(severity) {
		const button = element('button', { type: 'button', 'aria-pressed': 'true' }, severity);

		button.addEventListener('click', () => {
			if (!this.shown.delete(severity))
				this.shown.add(severity);
			button.setAttribute('aria-pressed', String(this.shown.has(severity)));
			this.show();
		});
		byId('severities').append(button);
		return button;
	}

	// `told` is what /api/v1/findings answered.
	update(told) {
		this.all = [...told.findings].sort(worseFirst);
		this.now = told.mono_ns;
		this.show();
	}

	// Map of each state that is in a finding to the worst severity there.
	worst() {
		const worst = new Map();

		for (const { state, severity } of this.all)
			if (!worst.has(state))
				worst.set(state, severity);
		return worst;
	}

	count(severity) {
		return this.all.filter((finding) => finding.severity === severity).length;
	}

	chosen() {
		const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);

		return this.all.filter((finding) => this.shown.has(finding.severity) &&
			(!words.length || matches(searchText(finding), words)));
	}

	show() {
		const chosen = this.chosen();
		const some = chosen.slice(0, this.pages * PAGE);
		const left = chosen.length - some.length;

		reconcile(byId('findings-list'), some, (finding) => finding.id, makeFinding,
			  (item, finding) => updateFinding(item, finding, this.now));
		this.buttons.forEach((button, i) =>
			setText(button, `${SEVERITIES[i]} ${countText(this.count(SEVERITIES[i]))}`));
		byId('findings-tools').hidden = !this.all.length;
		setText(byId('findings-count'), chosen.length === this.all.length
			? plural(this.all.length, 'open finding')
			: `${countText(chosen.length)} of ${plural(this.all.length, 'open finding')}`);
		setText(byId('findings-none'), this.all.length
			? 'None of them matches the filter.' : 'Nothing is stuck.');
		byId('findings-none').hidden = chosen.length > 0;
		byId('more').hidden = left <= 0;
		setText(byId('more'), `Show ${countText(Math.min(left, 2 * PAGE))} more of ${countText(left)}`);
	}
}

function matches(text, words) {
	return words.every((word) => text.includes(word));
}
