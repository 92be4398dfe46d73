// SPDX-License-Identifier: GPL-2.0
// The key figures, and how far the tracer itself can be trusted and what it costs.

function most(metrics, name) {
	const values = metrics.samples(name).map((sample) => sample.value).filter((n) => !Number.isNaN(n));

	return values.length ? Math.max(...values) : undefined;
}

function shareText(part, whole) {
	const percent = 100 * part / whole;

	return `${percent > 0 && percent < 0.1 ? '<0.1' : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function portsText(metrics) {
	const used = metrics.sum('tcpclose_time_wait_ports_max');
	const all = metrics.sum('tcpclose_ephemeral_ports');

	return used === undefined || !all ? ''
		: `at most ${shareText(used, all)} of ${countText(all)} ports to one destination`;
}

function showFigures(metrics, rates) {
	const state = (name) => metrics.sum('tcpclose_sockets', { state: name }) || 0;
	const stuck = metrics.sum('tcpclose_stuck_sockets') || 0;
	const oldest = most(metrics, 'tcpclose_close_wait_oldest_seconds');
	const lost = metrics.sum('tcpclose_events_lost_total') || 0;
	const serious = ['warning', 'critical'].some((severity) =>
		metrics.sum('tcpclose_findings', { severity }) > 0);
	const ports = metrics.sum('tcpclose_time_wait_ports_max') / metrics.sum('tcpclose_ephemeral_ports');

	setFacts(byId('figures'), [
		['Stuck sockets', countText(stuck), serious, 'past the threshold of their state'],
		['CLOSE_WAIT', countText(state('CLOSE_WAIT')), false,
		 oldest ? `oldest ${durationText(oldest)}` : 'none is old'],
		['TIME_WAIT', countText(state('TIME_WAIT')), ports > 0.8, portsText(metrics)],
		['Sockets watched', countText(metrics.sum('tcpclose_mirror_sockets')), false,
		 `${countText(state('ESTABLISHED'))} established, ${countText(state('LISTEN'))} listening`],
		['Events', rateText(rates.of('tcpclose_events_total')), false,
		 `${countText(metrics.sum('tcpclose_events_total'))} in all`],
		['Events lost', countText(lost), lost > 0, lossText(metrics) || 'nothing is missing'],
	], true);
}

// Of each event that a hook sees, told or not: a filter drops most of them there.
function costText(metrics, rates) {
	const seconds = metrics.sum('tcpclose_bpf_run_seconds_total');
	const runs = metrics.sum('tcpclose_bpf_runs_total');
	const share = rates.of('tcpclose_bpf_run_seconds_total');

	if (!seconds)
		return 'not measured ([trace] bpf-stats = no)';
	return `${durationText(seconds / Math.max(runs, 1))} an event that a hook sees` +
		(share === undefined ? '' : `; ${shareText(share, 1)} of one processor now`);
}

function healthFacts(metrics, rates) {
	const sum = (name) => metrics.sum(name) || 0;
	const info = (metrics.samples('tcpclose_build_info')[0] || { labels: {} }).labels;
	const lost = sum('tcpclose_events_lost_total');
	const drift = sum('tcpclose_mirror_drift_sockets');
	const illegal = sum('tcpclose_illegal_transitions_total');
	const facts = [
		['Events', `${countText(sum('tcpclose_events_total'))}, ` +
			   `${rateText(rates.of('tcpclose_events_total'))} now`],
		['Lost', lost ? `${countText(lost)} (${lossText(metrics)})` : 'none', lost > 0],
		['Mirrored', plural(sum('tcpclose_mirror_sockets'), 'socket')],
		['Differ', `${countText(drift)} at the last of ` +
			   plural(sum('tcpclose_audits_total'), 'audit'), drift > 0],
		['Repaired', `${countText(sum('tcpclose_mirror_repaired_total'))} in all`],
		['Illegal', plural(illegal, 'transition'), illegal > 0],
		['Cost', costText(metrics, rates)],
		['Version', nameText(info.version || '–')],
		['Runs for', durationText(Date.now() / 1000 - metrics.sum('tcpclose_start_time_seconds'))],
		['Kernel', nameText(info.kernel || '–')],
		['Told by', ['set_state', 'time_wait', 'time_wait_end'].filter((name) => info[name])
			.map((name) => `${name}: ${nameText(info[name])}`).join(', ') || '–'],
	];
	const add = (name, metric, words) => {
		if (metrics.sum(metric))
			facts.push([name, words(metrics.sum(metric))]);
	};

	add('Folded names', 'tcpclose_series_folded_total', (n) => `${countText(n)} counted as “other”`);
	add('Alert commands', 'tcpclose_alert_execs_total', () =>
		[...metrics.by('tcpclose_alert_execs_total', 'result')].filter(([, n]) => n)
			.map(([result, n]) => `${nameText(result)} ${countText(n)}`).join(', '));
	add('Only counted', 'tcpclose_floods_total',
	    (n) => `${plural(n, 'time')}, while more came than could be read`);
	add('Memory', 'process_resident_memory_bytes', bytesText);
	return facts;
}

function showHealth(view, rates) {
	const metrics = view.metrics;
	const facts = healthFacts(metrics, rates);
	const bad = facts.some((fact) => fact[2]) || view.unhealthy;
	const runs = metrics.by('tcpclose_bpf_runs_total', 'prog');
	const seconds = metrics.by('tcpclose_bpf_run_seconds_total', 'prog');
	const programs = [...runs].filter(([, n]) => n)
		.sort((a, b) => (seconds.get(b[0]) || 0) - (seconds.get(a[0]) || 0));

	setFacts(byId('health'), facts);
	setText(byId('health-word'), bad ? 'look at what is marked' : 'complete: nothing lost, nothing differs');
	byId('programs-details').hidden = !programs.length;
	setTable(byId('programs'), 'Cost of each BPF program', ['Program', { n: 'Runs' }, { n: 'ns a run' }],
		 programs.map(([name, n]) => [nameText(name), { n: countText(n) },
					      { n: countText(1e9 * (seconds.get(name) || 0) / n) }]));
}
