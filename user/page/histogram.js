// SPDX-License-Identifier: GPL-2.0
// Histograms as tables whose last column is a bar, so that each number can be read and heard.

const HUES = {
	expired: 'light-dark(#2da44e, #3fb950)', 'reused-out': 'light-dark(#218bff, #58a6ff)',
	'reused-in': 'light-dark(#8250df, #bc8cff)', reset: 'light-dark(#cf222e, #ff7b72)',
	'fin-arrived': 'light-dark(#9a6700, #d29922)', purged: 'light-dark(#6e7781, #8b949e)',
	destroyed: 'light-dark(#bf3989, #f778ba)', 'never-created': 'light-dark(#bc4c00, #ffa657)',
	unknown: 'light-dark(#afb8c1, #6e7681)', '': 'light-dark(#218bff, #58a6ff)',
};

function sumOf(numbers) {
	return numbers.reduce((sum, n) => sum + n, 0);
}

// The bound below which this share of all lies.
function quantileText(bounds, counts, share) {
	const total = sumOf(counts);
	let seen = 0;

	for (let i = 0; i < counts.length; i++) {
		seen += counts[i];
		if (total && seen >= share * total)
			return bounds[i] === Infinity ? `> ${boundText(bounds[i - 1])}`
				: `≤ ${boundText(bounds[i])}`;
	}
	return '–';
}

function summaryText(bounds, counts, sum) {
	const total = sumOf(counts);

	if (!total)
		return 'none yet';
	return `${countText(total)} so far, mean ${durationText(sum / total)}, ` +
		`half ${quantileText(bounds, counts, 0.5)}, 99 % ${quantileText(bounds, counts, 0.99)}`;
}

// `parts`: [{hue, counts}], stacked. Buckets before the first and after the last that is used are
// left out.
function showBars(table, caption, bounds, parts) {
	const totals = bounds.map((_, i) => sumOf(parts.map((part) => part.counts[i])));
	const most = Math.max(...totals, 1);
	const first = Math.max(0, totals.findIndex((n) => n > 0) - 1);
	const last = totals.findLastIndex((n) => n > 0);
	const rows = bounds.map((bound, i) => ({ bound, i, total: totals[i] })).slice(first, last + 1);

	if (!table.tBodies.length)
		table.append(element('caption', {}, element('span', { class: 'unseen' }, caption)),
			     element('colgroup', {}, element('col', { class: 'bound' }),
				     element('col', { class: 'number' }), element('col')),
			     element('tbody'));
	reconcile(table.tBodies[0], rows, (row) => row.bound,
		  ({ bound, i }) => element('tr', {},
			element('th', { scope: 'row' }, bound === Infinity
				? `> ${boundText(bounds[i - 1])}` : `≤ ${boundText(bound)}`),
			element('td', { class: 'n' }),
			element('td', {}, element('div', { class: 'bar', 'aria-hidden': 'true' }))),
		  (node, { i, total }) => {
			setText(node.cells[1], countText(total));
			reconcile(node.cells[2].firstElementChild, parts.filter((part) => part.counts[i]),
				  (part) => part.name, () => element('span'), (bar, part) => {
					bar.style.setProperty('--hue', part.hue);
					bar.style.width = `${100 * part.counts[i] / most}%`;
					bar.title = `${part.name}: ${countText(part.counts[i])}`;
				});
		  });
}

function hueOf(name) {
	return HUES[name] || HUES.unknown;
}

function showTimeWait(metrics) {
	const found = metrics.histograms('tcpclose_time_wait_duration_seconds', 'end');
	const parts = [...found].filter(([, histogram]) => histogram.count)
		.map(([name, histogram]) => ({ ...histogram, name, hue: hueOf(name) }))
		.sort((a, b) => b.count - a.count);
	const bounds = parts.length ? parts[0].bounds : [];
	const counts = bounds.map((_, i) => sumOf(parts.map((part) => part.counts[i])));

	setText(byId('time-wait-sum'), summaryText(bounds, counts, sumOf(parts.map((part) => part.sum))));
	reconcile(byId('time-wait-legend'), parts, (part) => part.name,
		  (part) => {
			const key = element('span', { class: 'swatch' });

			key.style.setProperty('--hue', part.hue);
			return key;
		  }, (key, part) => setText(key, `${part.name} ${countText(part.count)}`));
	showBars(byId('time-wait'), 'Time in TIME_WAIT, by the reason of its end', bounds, parts);
}

// The state that is chosen; those still in it are in no bucket, so they are told beside.
function showStay(metrics) {
	const select = byId('stay-state');
	const found = metrics.histograms('tcpclose_state_duration_seconds', 'state');
	const states = [...new Set(['CLOSE_WAIT', ...found.keys()])].sort();
	const chosen = select.value || 'CLOSE_WAIT';
	const histogram = found.get(chosen) || { bounds: [], counts: [], sum: 0 };
	const now = metrics.sum('tcpclose_sockets', { state: chosen }) || 0;

	if (select.options.length !== states.length)
		select.replaceChildren(...states.map((state) => {
			const option = element('option', {}, state);

			option.selected = state === chosen;
			return option;
		}));
	setText(byId('stay-name'), chosen);
	setText(byId('stay-sum'), summaryText(histogram.bounds, histogram.counts, histogram.sum));
	showBars(byId('stay'), 'Time spent in the chosen state', histogram.bounds,
		 [{ name: chosen, hue: HUES[''], counts: histogram.counts }]);
	setText(byId('stay-note'), now
		? `A stay is counted when it ends. In ${chosen} now: ${plural(now, 'socket')}.`
		: `No socket is in ${chosen} now.`);
}
