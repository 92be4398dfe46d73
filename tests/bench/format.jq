# SPDX-License-Identifier: GPL-2.0
# Numbers and columns as text. What was not measured is a "-".

def left($n): tostring | . + ((" " * ($n - length)) // "");

def right($n): tostring | ((" " * ($n - length)) // "") + .;

def fixed($d):
	if . == null then "-"
	elif $d == 0 then round | tostring
	else pow(10; $d) as $p | (. * $p | round) as $n | ($n | fabs) as $n_abs
		| (($n_abs % $p) | tostring) as $rest
		| (if $n < 0 then "-" else "" end) + ($n_abs / $p | floor | tostring) + "."
		  + (("0" * ($d - ($rest | length))) // "") + $rest
	end;

def mid($d): (.median? // null) | fixed($d);

def range($d): if . == null then "-" else "\(.min | fixed($d))..\(.max | fixed($d))" end;

def thousands:
	if . == null then "-" else round | tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",") end;
