// SPDX-License-Identifier: GPL-2.0
// Numbers and names as a person reads them.

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const UNITS = [[86400, 'd', 3600, 'h'], [3600, 'h', 60, 'min'], [60, 'min', 1, 's']];
const SHORT = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

// 12,345; what is not known is a dash.
function countText(n) {
	return n === undefined || n === null || Number.isNaN(n) ? '–' : WHOLE.format(n);
}

function plural(n, noun) {
	return `${countText(n)} ${noun}${n === 1 ? '' : 's'}`;
}

// At most five characters: 999, 1.2k, 12.3k, 123k, 1.2M.
function shortText(n) {
	for (const [unit, letter] of SHORT) {
		if (n >= unit) {
			const scaled = n / unit;
			return (scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)) + letter;
		}
	}
	return n >= 10 || Number.isInteger(n) ? n.toFixed(0) : n.toFixed(1);
}

function rateText(perSecond) {
	if (perSecond === undefined)
		return '–';
	return perSecond > 0 && perSecond < 0.1 ? '<0.1/s' : shortText(perSecond) + '/s';
}

// 332 ns, 63 µs, 299 ms, 6.5 s, 2 min 5 s, 3 h 12 min, 2 d 4 h
function durationText(seconds) {
	if (seconds === undefined || seconds === null || Number.isNaN(seconds))
		return '–';
	if (seconds < 1e-6)
		return `${(seconds * 1e9).toFixed(0)} ns`;
	if (seconds < 0.001)
		return `${(seconds * 1e6).toFixed(seconds < 1e-5 ? 1 : 0)} µs`;
	if (seconds < 1)
		return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
	if (seconds < 60)
		return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
	const whole = Math.floor(seconds);
	for (const [unit, name, less, lessName] of UNITS) {
		const rest = Math.floor(whole % unit / less);

		if (whole >= unit)
			return `${Math.floor(whole / unit)} ${name}` + (rest ? ` ${rest} ${lessName}` : '');
	}
}

// A bound of a bucket, in seconds.
function boundText(seconds) {
	if (seconds < 1)
		return `${seconds * 1000} ms`;
	if (seconds < 180)
		return `${seconds} s`;
	return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

function bytesText(n) {
	for (const [unit, name] of [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']]) {
		if (n >= unit)
			return `${(n / unit).toFixed(1)} ${name}`;
	}
	return plural(n, 'byte');
}

// A name that someone else chose: what is not seen, or turns the text around, is spelt out.
function nameText(name) {
	return String(name).replace(
		/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
		(c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
