// SPDX-License-Identifier: GPL-2.0
// Reads /metrics, Prometheus text or OpenMetrics, so that what is shown is what is scraped.

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function unescapeLabel(text) {
	return text.includes('\\')
		? text.replace(/\\(.)/g, (all, c) => c === 'n' ? '\n' : c) : text;
}

function numberOf(text) {
	return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

function labelsOf(text) {
	const labels = {};

	for (const [, name, value] of (text || '').matchAll(LABEL))
		labels[name] = unescapeLabel(value);
	return labels;
}

// An exemplar follows " # "; a label's value may hold the same.
function withoutExemplar(line) {
	const at = line.lastIndexOf(' # {');

	return at > 0 && SAMPLE.test(line.slice(0, at)) ? line.slice(0, at) : line;
}

class Metrics {
	constructor(text) {
		this.families = new Map();
		for (const line of text.split('\n')) {
			const match = line && line[0] !== '#' && SAMPLE.exec(withoutExemplar(line));

			if (!match)
				continue;
			if (!this.families.has(match[1]))
				this.families.set(match[1], []);
			this.families.get(match[1]).push({ labels: labelsOf(match[2]),
							   value: numberOf(match[3]) });
		}
	}

	samples(name) {
		return this.families.get(name) || [];
	}

	// The sum of those with these labels; undefined when there is none.
	sum(name, labels = {}) {
		const wanted = Object.entries(labels);
		let sum;

		for (const sample of this.samples(name)) {
			if (wanted.every(([key, value]) => sample.labels[key] === value))
				sum = (sum || 0) + sample.value;
		}
		return sum;
	}

	// Map of a label's values to the sum of each.
	by(name, label) {
		const sums = new Map();

		for (const { labels, value } of this.samples(name))
			sums.set(labels[label], (sums.get(labels[label]) || 0) + value);
		return sums;
	}

	// Map of a label's values to {bounds, counts (of each bucket alone), sum, count}.
	histograms(name, label) {
		const found = new Map();
		const of = (key) => {
			if (!found.has(key))
				found.set(key, { bounds: [], counts: [], sum: 0, count: 0 });
			return found.get(key);
		};

		for (const { labels, value } of this.samples(`${name}_bucket`)) {
			const histogram = of(labels[label]);

			histogram.bounds.push(numberOf(labels.le));
			histogram.counts.push(value);
		}
		for (const histogram of found.values())
			for (let i = histogram.counts.length - 1; i > 0; i--)
				histogram.counts[i] -= histogram.counts[i - 1];
		for (const part of ['sum', 'count'])
			for (const { labels, value } of this.samples(`${name}_${part}`))
				of(labels[label])[part] = value;
		return found;
	}
}

// Counters of the last seconds, for rates, of one run of the tracer.
class Rates {
	constructor(seconds) {
		this.window = seconds;
		this.kept = [];
	}

	add(metrics, at) {
		const start = metrics.sum('tcpclose_start_time_seconds');

		if (this.kept.length && this.kept[0].start !== start)
			this.kept = [];
		this.kept.push({ metrics, at, start });
		while (this.kept.length > 2 && at - this.kept[1].at >= this.window)
			this.kept.shift();
	}

	// A second, of the samples with these labels; undefined until there were two readings.
	of(name, labels) {
		if (this.kept.length < 2)
			return undefined;
		const first = this.kept[0];
		const last = this.kept[this.kept.length - 1];
		const was = first.metrics.sum(name, labels) || 0;
		const is = last.metrics.sum(name, labels);

		return is === undefined ? undefined : Math.max(0, is - was) / (last.at - first.at);
	}
}
