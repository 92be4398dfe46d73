// SPDX-License-Identifier: GPL-2.0
// What is wrong, who, and what to do: in one place, and aloud when it changes.

// What a tab says of a level; else the number of findings.
const MARKS = { fine: '✓ ', info: '', waiting: '… ', down: '? ' };

function worstText(finding, now) {
	const age = ageText(finding, now);
	const place = placeText(finding);

	return `${ownerText(finding)}: ${whatText(finding)}` +
		`${place ? `, ${place}` : ''}${age ? `, ${age}` : ''}.`;
}

function actText(finding) {
	const outlook = outlookText(finding);
	const advice = nameText(finding.advice || '');

	return (outlook ? `${outlook[0].toUpperCase()}${outlook.slice(1)}. ` : '') +
		(advice ? `${advice[0].toUpperCase()}${advice.slice(1)}.` : '');
}

function headline(findings) {
	const counted = [['critical', 'critical finding'], ['warning', 'warning']]
		.map(([severity, noun]) => [findings.count(severity), noun]).filter(([n]) => n);

	return counted.map(([n, noun]) => plural(n, noun)).join(', ');
}

// What the page says of all that is known: {level, title, who, act}.
function judge(view, findings) {
	const worst = findings.all[0];

	if (view.failed)
		return { level: 'down', title: 'The tracer does not answer',
			 who: `Since ${view.failed.since}: ${view.failed.why}. ` +
			      (view.metrics ? `What is shown is of ${view.updated}.` : ''),
			 act: 'On the host: systemctl status tcpclose-trace; journalctl -u tcpclose-trace' };
	if (view.ready === false)
		return { level: 'waiting', title: 'The tracer is starting',
			 who: 'It reads the sockets that were here before; findings may be missing until then.',
			 act: '' };
	if (!worst)
		return { level: 'fine', title: 'Nothing is stuck',
			 who: `${plural(view.metrics.sum('tcpclose_mirror_sockets') || 0, 'socket')} watched, ` +
			      'none past the threshold of its state. Nothing to do.', act: '' };
	if (worst.severity === 'info')
		return { level: 'info', title: 'Nothing that grows',
			 who: `${plural(findings.all.length, 'group')} of sockets past the threshold, for ` +
			      `information. ${worstText(worst, findings.now)}`, act: '' };
	return { level: worst.severity === 'critical' ? 'critical' : 'warning', title: headline(findings),
		 who: worstText(worst, findings.now), act: actText(worst) };
}

function showStatus(view, findings) {
	const { level, title, who, act } = judge(view, findings);

	setClass(byId('status'), `status ${level}`);
	setText(byId('status-title'), title);
	setText(byId('status-who'), who);
	setText(byId('status-act'), act);
	document.body.classList.toggle('stale', level === 'down');
	const mark = MARKS[level] ?? `(${findings.count('critical') + findings.count('warning')}) `;
	document.title = `${mark}tcpclose-trace`;
}

function lossText(metrics) {
	return [...metrics.by('tcpclose_events_lost_total', 'where')].filter(([, n]) => n)
		.map(([where, n]) => `${nameText(where)} ${countText(n)}`).join(', ');
}

// What makes the numbers doubtful: [key, class, text].
function doubts(view, rates) {
	const found = [];
	const metrics = view.metrics;

	if (!metrics || view.failed)
		return found;
	if (view.unhealthy)
		found.push(['unhealthy', 'bad',
			    `The tracer answers, but is not well: ${nameText(view.unhealthy)}`]);
	const lost = metrics.sum('tcpclose_events_lost_total');
	const losing = rates.of('tcpclose_events_lost_total');
	if (lost)
		found.push(['lost', losing > 0 ? 'bad' : 'doubt', losing > 0
			? `Events are being lost, ${rateText(losing)} (${lossText(metrics)} in all): counts ` +
			  'may be off until the next audit. A larger [trace] ring or more shards help.'
			: `${plural(lost, 'event')} lost since the start (${lossText(metrics)}); none in the ` +
			  'last seconds. Audits repair what they find.']);
	const drift = metrics.sum('tcpclose_mirror_drift_sockets');
	if (drift)
		found.push(['drift', 'doubt', `The last audit found ${plural(drift, 'socket')} that the ` +
			    `kernel sees otherwise; ${countText(metrics.sum('tcpclose_mirror_repaired_total'))} ` +
			    'in all were put right.']);
	return found;
}

function showDoubts(view, rates) {
	reconcile(byId('banners'), doubts(view, rates), ([key]) => key, () => element('p'),
		  (node, [, kind, text]) => {
			setClass(node, `banner ${kind}`);
			setText(node, text);
		  });
}

// Tells what opened and what is gone since the last time; many of them as their number.
class News {
	constructor() {
		this.had = null;
		this.level = '';
	}

	tell(view, findings) {
		const now = new Map(findings.all.map((finding) => [finding.id, finding]));
		const { level, title } = judge(view, findings);
		const words = [];

		if (level !== this.level && (level === 'down' || this.level === 'down' || !this.had))
			words.push(level === 'down' || !this.had ? title : 'The tracer answers again');
		if (this.had && !view.failed) {
			const opened = findings.all.filter((finding) => !this.had.has(finding.id));
			const closed = [...this.had.values()].filter((finding) => !now.has(finding.id));

			words.push(...this.some(opened, 'New', (finding) => worstText(finding, findings.now)));
			words.push(...this.some(closed, 'Resolved', ownerText));
		}
		this.level = level;
		if (!view.failed)
			this.had = now;
		if (words.length)
			setText(byId('news'), words.join('. '));
	}

	some(list, word, text) {
		if (list.length > 3)
			return [`${word}: ${plural(list.length, 'finding')}`];
		return list.map((finding) => `${word} ${finding.severity} finding: ${text(finding)}`);
	}
}
