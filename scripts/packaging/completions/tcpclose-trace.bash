# bash completion for tcpclose-trace                       -*- shell-script -*-
# SPDX-License-Identifier: GPL-2.0

_tcpclose_trace_states='established syn-sent syn-recv fin-wait1 fin-wait2 time-wait close
	close-wait last-ack listen closing'

# what the option before the cursor takes; returns 1 when it takes nothing
_tcpclose_trace_argument()
{
	case $1 in
	-p | --pid)
		if declare -F _pids >/dev/null; then _pids; fi
		;;
	-s | --state)
		COMPREPLY=($(compgen -W "$_tcpclose_trace_states" -- "$cur"))
		;;
	-e | --events)
		COMPREPLY=($(compgen -W 'transition teardown time_wait finding' -- "$cur"))
		;;
	--netns)
		COMPREPLY=($(compgen -W "$(ip netns list 2>/dev/null | cut -d' ' -f1)" -- "$cur"))
		;;
	--probes)
		COMPREPLY=($(compgen -W 'auto kmod fentry kprobe tracepoint' -- "$cur"))
		;;
	--mode)
		COMPREPLY=($(compgen -W 'full summary' -- "$cur"))
		;;
	--audit)
		COMPREPLY=($(compgen -W 'off 10s 30s 5m' -- "$cur"))
		;;
	--shards)
		COMPREPLY=($(compgen -W 'auto 1 2 4 8' -- "$cur"))
		;;
	--web.listen-address)
		COMPREPLY=($(compgen -W '127.0.0.1:9929 fd://' -- "$cur"))
		;;
	--cgroup | --flight | --pin)
		COMPREPLY=($(compgen -d -- "$cur"))
		;;
	--btf | --config | --record | --replay)
		COMPREPLY=($(compgen -f -- "$cur"))
		;;
	-L | --localport | -D | --remoteport | --stuck | --older-than | -d | --duration | \
		-i | --interval | --max-sockets | --ring)
		COMPREPLY=()
		;;
	*)
		return 1
		;;
	esac
	return 0	# whether or not anything fits
}

_tcpclose_trace()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} word command=
	local commands='trace stuck hist explain fsm audit record serve check'
	local options='-p --pid -L --localport -D --remoteport -4 --ipv4 -6 --ipv6 -s --state
		--netns --cgroup -e --events --stuck --older-than -d --duration -i --interval
		-T --time -t --timestamp -w --wide --json --dot --mermaid --svg --live --probes
		--mode --replay --record --flight --anonymize --pin --unpin --audit --max-sockets
		--ring --shards --btf --config --check-config --web.listen-address -v --verbose
		-h --help -V --version'

	COMPREPLY=()
	# bash parts --audit=10s in three
	[[ $prev != '=' ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	if [[ $cur == '=' ]]; then
		cur=
	fi
	_tcpclose_trace_argument "$prev" && return
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ " $commands " != *" $word "* ]] || command=$word
	done
	case $cur in
	-*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
	*)
		case $command in
		'') COMPREPLY=($(compgen -W "$commands" -- "$cur")) ;;
		hist) COMPREPLY=($(compgen -W "$_tcpclose_trace_states" -- "$cur")) ;;
		record) COMPREPLY=($(compgen -f -- "$cur")) ;;
		esac
		;;
	esac
}

complete -F _tcpclose_trace tcpclose-trace
