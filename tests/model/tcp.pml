/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two TCP endpoints and a network that loses and duplicates, written from RFC 9293: section 3.3.2
 * with its figure and notes, 3.5, 3.6, and the events of 3.10 in their order. It knows nothing of
 * the table in user/core/fsm.c; check.sh compares the two. States have the kernel's names.
 *
 * Every change of state is an ENTER(), which prints it once, with the section that makes it.
 *
 * Where the RFC leaves a choice, both are made: RFC 5961's mitigations or the older behaviour
 * (3.10.7.4), a sent reset to CLOSED (3.10.5) or to TIME-WAIT (3.5.2 and note 3 of figure 5), a
 * SYN that reopens TIME-WAIT or does not (3.6.1), a segment ahead of RCV.NXT inside the window or
 * outside.
 *
 * Left out: urgent data, security and options, which change no state in another way; segments that
 * overtake each other; and a FIN in a SYN, for which 3.10.7.4 goes from SYN-RECEIVED to CLOSE-WAIT:
 * no event of 3.10 sends one.
 *
 * What it claims beside the transitions is in claims() and, with -DENDS, in last_claim(): there a
 * connection retransmits only so often (3.8.3), the network duplicates only so often, the window is
 * wide, and a user who closed or listens just waits, so that every run must end.
 */

#define CLOSE		0
#define LISTEN		1
#define SYN_SENT	2
#define SYN_RECV	3
#define ESTABLISHED	4
#define FIN_WAIT1	5
#define FIN_WAIT2	6
#define CLOSING		7
#define TIME_WAIT	8
#define CLOSE_WAIT	9
#define LAST_ACK	10

/* control bits; DATA is one octet of text */
#define SYN	1
#define ACK	2
#define FIN	4
#define RST	8
#define DATA	16

/* where SYN-RECEIVED was entered from: SYN-SENT, LISTEN (MUST-11), TIME-WAIT (MAY-2) */
#define ACTIVE		0
#define PASSIVE		1
#define REOPENED	2

#ifndef WIRE
#define WIRE	1	/* segments under way in one direction */
#endif
#ifndef OPENS
#define OPENS	2	/* initial sequence numbers that an endpoint may take */
#endif
#define STRIDE	4	/* SYN, one octet and FIN are 3: connections share no sequence number */

typedef tcb {
	byte state;
	byte origin;
	byte iss;
	byte una;	/* SND.UNA */
	byte nxt;	/* SND.NXT */
	byte rcv;	/* RCV.NXT */
	bit deaf;	/* closed for reading, too: text that comes is lost (3.6.1, SHLD-3) */
	/* history, for the claims */
	bit fin_sent;
	bit fin_acked;
	bit fin_rcvd;
	bit fin_first;	/* sent before one was received */
	bit reset;	/* in TIME-WAIT without both FINs */
}

tcb t[2];
byte taken[2];		/* initial sequence numbers: they outlive the TCB */
chan wire[2] = [WIRE] of { byte, byte, byte };	/* to each endpoint: control, SEG.SEQ, SEG.ACK */

#define MY	t[me]
#define STATE	t[me].state
#define QUIET	(empty(wire[0]) && empty(wire[1]))
#define UNACKED	(STATE != TIME_WAIT && MY.una < MY.nxt)

#ifdef ENDS
#ifndef R2
#define R2	1	/* retransmissions until a connection is given up */
#endif
#ifndef COPIES
#define COPIES	1
#endif
byte sent_again[2];
byte copies;
bit excuse;		/* for giving up */
bit torn[2];		/* the last connection did not end by both FINs */
#define MAY_COPY	(copies < COPIES)
#define COUNT_COPY	copies++; excuse = 1
#define MAY_RETRANSMIT	(sent_again[me] < R2)
#define COUNT_AGAIN	sent_again[me]++
#define FORGET_AGAIN	sent_again[me] = 0
#define MAY_GIVE_UP	(UNACKED && QUIET && !MAY_RETRANSMIT)
#define EXCUSE		excuse = 1
#define IS_EXCUSED	excuse
#define TEAR(is)	torn[me] = is
#define WIDE		true
#define PATIENT		(STATE == LISTEN || STATE == FIN_WAIT1 || STATE == FIN_WAIT2 || \
			 STATE == CLOSING || STATE == LAST_ACK || STATE == TIME_WAIT)
#else
#define MAY_COPY	true
#define COUNT_COPY	skip
#define MAY_RETRANSMIT	true
#define COUNT_AGAIN	skip
#define FORGET_AGAIN	skip
#define MAY_GIVE_UP	(STATE != CLOSE && STATE != TIME_WAIT)
#define EXCUSE		skip
#define IS_EXCUSED	true
#define TEAR(is)	skip
#define WIDE		false
#define PATIENT		false
#endif

c_code {
	/* Not part of the state: what was printed. */
	static void print_once(int from, int to, const char *section)
	{
		static const char *const name[] = {
			"CLOSE", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1",
			"FIN_WAIT2", "CLOSING", "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK",
		};
		static const char *seen[11][11][16];
		int i = 0;

		while (seen[from][to][i] && strcmp(seen[from][to][i], section))
			i++;
		if (!seen[from][to][i])
			printf("reached %s %s %s\n", name[from], name[to], section);
		seen[from][to][i] = section;
	}
}

#define ENTER(to, section)						\
	c_code { print_once(now.t[Pendpoint->me].state, to, section); };	\
	STATE = to

/* A full wire loses what is sent. */
inline send(c, s, a)
{
	if
	:: nfull(wire[1 - me]) -> wire[1 - me]!c, s, a
	:: full(wire[1 - me]) -> EXCUSE
	fi
}

inline send_ack()
{
	send(ACK, MY.nxt, MY.rcv)
}

/* 3.10.7.1: the reset for a segment of no connection */
inline refuse()
{
	if
	:: ctl & ACK -> send(RST, ack, 0)
	:: else -> send(RST | ACK, 0, seq + size)
	fi
}

inline choose_iss()
{
	taken[me]++;
	MY.iss = taken[me] * STRIDE;
	MY.una = MY.iss;
	MY.nxt = MY.iss + 1
}

inline forget_fins()
{
	MY.fin_sent = 0;
	MY.fin_acked = 0;
	MY.fin_rcvd = 0;
	MY.fin_first = 0;
	MY.reset = 0
}

inline forget()
{
	d_step {
		MY.origin = 0;
		MY.iss = 0;
		MY.una = 0;
		MY.nxt = 0;
		MY.rcv = 0;
		MY.deaf = 0;
		forget_fins();
		FORGET_AGAIN
	}
}

#define DELETE_TCB(section)	ENTER(CLOSE, section); TEAR(1); forget()
/* the same, where a connection ends by its FINs */
#define FINISH_TCB(section)	ENTER(CLOSE, section); TEAR(MY.reset); forget()

/* What TIME-WAIT needs is SND.NXT and RCV.NXT. */
inline linger()
{
	MY.origin = 0;
	MY.iss = 0;
	MY.una = MY.nxt;
	MY.deaf = 0
}

/* A reset was sent, as `section` says; by 3.5.2 the side that sent it should enter TIME-WAIT. */
#define ABORTED(section)						\
	if								\
	:: DELETE_TCB(section)						\
	:: STATE != TIME_WAIT ->					\
		ENTER(TIME_WAIT, "3.5.2"); linger(); MY.reset = 1	\
	:: STATE == TIME_WAIT						\
	fi

#define ACTIVE_OPEN(section)						\
	choose_iss();							\
	send(SYN, MY.iss, 0);						\
	ENTER(SYN_SENT, section)

/* The RFC's CLOSE is shutdown(SHUT_WR); after close() an endpoint is deaf as well. */
inline close_call()
{
	if
	:: STATE == LISTEN || STATE == SYN_SENT -> DELETE_TCB("3.10.4")
	:: else ->
		send(FIN | ACK, MY.nxt, MY.rcv);
		MY.nxt++;
		MY.fin_sent = 1;
		MY.fin_first = !MY.fin_rcvd;
		if
		:: STATE == CLOSE_WAIT -> ENTER(LAST_ACK, "3.10.4")
		:: STATE != CLOSE_WAIT -> ENTER(FIN_WAIT1, "3.10.4")
		:: STATE != CLOSE_WAIT -> ENTER(FIN_WAIT1, "3.10.4"); MY.deaf = 1
		fi
	fi
}

inline abort_call()
{
	if
	:: STATE == LISTEN || STATE == SYN_SENT || STATE == CLOSING || STATE == LAST_ACK ||
	   STATE == TIME_WAIT -> DELETE_TCB("3.10.5")
	:: else -> send(RST, MY.nxt, 0); ABORTED("3.10.5")
	fi
}

/* 3.10.8: the front of the retransmission queue, into an empty wire */
inline retransmit()
{
	if
	:: STATE == SYN_SENT -> wire[1 - me]!SYN, MY.iss, 0
	:: STATE != SYN_SENT && MY.una == MY.iss -> wire[1 - me]!SYN | ACK, MY.iss, MY.rcv
	:: MY.una != MY.iss && MY.una + 1 == MY.nxt && (STATE == FIN_WAIT1 || STATE == CLOSING ||
	   STATE == LAST_ACK) -> wire[1 - me]!FIN | ACK, MY.una, MY.rcv
	:: else -> wire[1 - me]!DATA | ACK, MY.una, MY.rcv
	fi
}

/* 3.10.7.2; a listener with no sequence number left has no room for a connection */
inline arrives_listen()
{
	if
	:: ctl & RST
	:: !(ctl & RST) && ((ctl & ACK) || taken[me] == OPENS) -> refuse()
	:: else ->
		MY.rcv = seq + 1;
		choose_iss();
		send(SYN | ACK, MY.iss, MY.rcv);
		ENTER(SYN_RECV, "3.10.7.2");
		MY.origin = PASSIVE
	fi
}

/* 3.10.7.3 */
inline arrives_syn_sent()
{
	if
	:: (ctl & ACK) && ack != MY.nxt ->
		if
		:: ctl & RST
		:: else -> send(RST, ack, 0)
		fi
	:: else ->
		if
		:: (ctl & RST) && (ctl & ACK) -> DELETE_TCB("3.10.7.3")
		:: (ctl & (RST | SYN)) == SYN && (ctl & ACK) ->
			MY.rcv = seq + 1;
			MY.una = ack;
			ENTER(ESTABLISHED, "3.10.7.3");
			send_ack()
		:: (ctl & (RST | SYN)) == SYN && !(ctl & ACK) ->
			MY.rcv = seq + 1;
			ENTER(SYN_RECV, "3.10.7.3");
			MY.origin = ACTIVE;
			send(SYN | ACK, MY.iss, MY.rcv)
		:: else
		fi
	fi
}

/* 3.10.7.4, second */
inline rst_arrives()
{
	if
	:: STATE == SYN_RECV && MY.origin == PASSIVE -> ENTER(LISTEN, "3.10.7.4"); forget()
	:: STATE == SYN_RECV && MY.origin == REOPENED ->	/* for an old SYN */
		ENTER(TIME_WAIT, "3.6.1"); linger(); MY.reset = 1
	:: else -> DELETE_TCB("3.10.7.4")
	fi
}

#define IS_PASSIVE	(STATE == SYN_RECV && MY.origin == PASSIVE)

/* 3.10.7.4, fourth */
inline syn_arrives()
{
	if
	:: IS_PASSIVE -> ENTER(LISTEN, "3.10.7.4"); forget()
	:: STATE == TIME_WAIT && !(ctl & ACK) && taken[me] < OPENS ->	/* MAY-2 */
		MY.rcv = seq + 1;
		choose_iss();
		send(SYN | ACK, MY.iss, MY.rcv);
		ENTER(SYN_RECV, "3.6.1");
		MY.origin = REOPENED;
		forget_fins()
	:: !IS_PASSIVE -> send_ack(); EXCUSE	/* RFC 5961 */
	:: !IS_PASSIVE -> refuse(); ABORTED("3.10.7.4")
	fi
}

/* 3.10.7.4, fifth */
inline ack_arrives()
{
	MY.una = (MY.una < ack -> ack : MY.una);
	MY.fin_acked = MY.fin_sent && MY.una == MY.nxt;
	if
	:: STATE == SYN_RECV -> ENTER(ESTABLISHED, "3.10.7.4"); MY.origin = 0
	:: STATE == FIN_WAIT1 && MY.fin_acked -> ENTER(FIN_WAIT2, "3.10.7.4")
	:: STATE == FIN_WAIT1 && MY.fin_acked && (ctl & FIN) ->	/* note 2 of figure 5 */
		ENTER(TIME_WAIT, "3.10.7.4")
	:: STATE == CLOSING && MY.fin_acked -> ENTER(TIME_WAIT, "3.10.7.4"); linger()
	:: STATE == LAST_ACK && MY.fin_acked -> FINISH_TCB("3.10.7.4")
	:: else
	fi
}

#define CAN_RECEIVE	(STATE == ESTABLISHED || STATE == FIN_WAIT1 || STATE == FIN_WAIT2)

/* 3.10.7.4, seventh */
inline text_arrives()
{
	if
	:: CAN_RECEIVE && MY.deaf -> send(RST, MY.nxt, 0); ABORTED("3.6.1")
	:: CAN_RECEIVE && !MY.deaf -> MY.rcv++; send_ack()
	:: else
	fi
}

/* 3.10.7.4, eighth */
inline fin_arrives()
{
	MY.rcv++;
	MY.fin_rcvd = 1;
	send_ack();
	if
	:: STATE == ESTABLISHED -> ENTER(CLOSE_WAIT, "3.10.7.4")
	:: STATE == FIN_WAIT1 -> ENTER(CLOSING, "3.10.7.4")
	:: STATE == FIN_WAIT2 -> ENTER(TIME_WAIT, "3.10.7.4"); linger()
	:: STATE == TIME_WAIT -> linger()	/* by note 2 just now, or after a reset */
	fi
}

/* 3.10.7.4 */
inline arrives_other()
{
	if
	:: STATE == SYN_RECV && ctl == (SYN | ACK) && seq + 1 == MY.rcv ->
		/* line 7 of figure 7: what is outside the window, the SYN, is trimmed */
		ctl = ACK;
		seq = MY.rcv
	:: true
	fi;
	if
	:: seq < MY.rcv || (seq > MY.rcv && !WIDE) ->	/* outside the window */
		if
		:: ctl & RST
		:: else -> send_ack()
		fi
	:: seq >= MY.rcv ->
		if
		:: ctl & RST -> rst_arrives()
		:: (ctl & RST) && seq != MY.rcv -> send_ack(); EXCUSE	/* RFC 5961 */
		:: (ctl & (RST | SYN)) == SYN -> syn_arrives()
		:: !(ctl & (RST | SYN)) && seq != MY.rcv	/* comes again in its order */
		:: !(ctl & (RST | SYN)) && seq == MY.rcv ->
			if
			:: STATE == SYN_RECV && ack != MY.nxt -> send(RST, ack, 0)
			:: else ->
				assert(ack <= MY.nxt);	/* claim: such an ACK never comes */
				ack_arrives();
				if
				:: ctl & DATA -> text_arrives()
				:: (ctl & FIN) && STATE != CLOSE -> fin_arrives()
				:: else
				fi
			fi
		fi
	fi
}

inline segment_arrives()
{
	size = ((ctl & (SYN | FIN | DATA)) -> 1 : 0);
	if
	:: STATE == CLOSE ->
		if
		:: ctl & RST
		:: else -> refuse()
		fi
	:: STATE == LISTEN -> arrives_listen()
	:: STATE == SYN_SENT -> arrives_syn_sent()
	:: else -> arrives_other()
	fi
}

proctype endpoint(bit me)
{
	byte ctl, seq, ack, size;

end:	do
	/* segments */
	:: atomic {
		nempty(wire[me]) ->
		if
		:: wire[me]?ctl, seq, ack
		:: MAY_COPY -> wire[me]?<ctl, seq, ack>; COUNT_COPY	/* comes once more */
		fi;
		segment_arrives();
		ctl = 0; seq = 0; ack = 0; size = 0
	}
	/* the user's calls: 3.10.1, 3.10.2, 3.10.4, 3.10.5 */
	:: atomic { STATE == CLOSE && taken[me] < OPENS -> ACTIVE_OPEN("3.10.1") }
	:: atomic { STATE == CLOSE && taken[me] < OPENS -> ENTER(LISTEN, "3.10.1") }
	:: atomic { STATE == LISTEN && taken[me] < OPENS -> ACTIVE_OPEN("3.10.1") }
	:: atomic { STATE == LISTEN && taken[me] < OPENS -> ACTIVE_OPEN("3.10.2") }
	:: atomic {	/* SEND, once a connection */
		(STATE == ESTABLISHED || STATE == CLOSE_WAIT) && MY.nxt == MY.iss + 1 ->
		send(DATA | ACK, MY.nxt, MY.rcv);
		MY.nxt++
	}
	:: atomic {
		(STATE == SYN_SENT || STATE == SYN_RECV || STATE == ESTABLISHED ||
		 STATE == CLOSE_WAIT || STATE == LISTEN) && !PATIENT -> close_call()
	}
	:: atomic {	/* close() after shutdown(SHUT_WR) */
		(STATE == FIN_WAIT1 || STATE == FIN_WAIT2) && !MY.deaf -> MY.deaf = 1
	}
	:: atomic { STATE != CLOSE && !PATIENT -> abort_call() }
	/* time-outs, 3.10.8; one that comes too early does what a copy in the network does */
	:: atomic { UNACKED && QUIET && MAY_RETRANSMIT -> retransmit(); COUNT_AGAIN }
	:: atomic { MAY_GIVE_UP -> assert(IS_EXCUSED); DELETE_TCB("3.10.8") }
	:: atomic { STATE == TIME_WAIT && QUIET -> FINISH_TCB("3.10.8") }	/* 2MSL */
	od
}

/* It may lose any segment; what copies it makes is for the receiver to choose. */
proctype network(bit to)
{
end:	do
	:: atomic { nempty(wire[to]) -> wire[to]?_, _, _; EXCUSE }
	od
}

#define CLAIM(p)	:: atomic { !(p) -> assert(p) }

/* FINs: sent 1, acknowledged 2, received 4 */
#define FINS(i)	(t[i].fin_sent + 2 * t[i].fin_acked + 4 * t[i].fin_rcvd)
#define FITS(i)								\
	((t[i].state <= ESTABLISHED && FINS(i) == 0) ||			\
	 (t[i].state == FIN_WAIT1 && FINS(i) == 1) ||			\
	 (t[i].state == FIN_WAIT2 && FINS(i) == 3) ||			\
	 (t[i].state == CLOSING && FINS(i) == 5) ||			\
	 (t[i].state == TIME_WAIT && (FINS(i) == 7 || t[i].reset)) ||	\
	 (t[i].state == CLOSE_WAIT && FINS(i) == 4) ||			\
	 (t[i].state == LAST_ACK && FINS(i) == 5))

#define LINGERS(i)	(t[i].state == TIME_WAIT && !t[i].reset)
#define IS_OPEN(i)	(t[i].state == ESTABLISHED ||			\
			 (t[i].state > ESTABLISHED && t[i].state != TIME_WAIT && t[i].una > t[i].iss))
#define HEARS(i, j)	(t[i].rcv > t[j].iss && t[i].rcv <= t[j].nxt)

proctype claims()
{
end:	do
	/* A state is what its FINs say; with both acknowledged, TIME-WAIT or no connection. */
	CLAIM(FITS(0) && FITS(1))
	/* Both ends linger only after a simultaneous close (3.6, case 3). */
	CLAIM(!(LINGERS(0) && LINGERS(1)) || (t[0].fin_first && t[1].fin_first))
	/* No old duplicate makes a connection (3.5): two ends that are open are each other's. */
	CLAIM(!(IS_OPEN(0) && IS_OPEN(1)) || (HEARS(0, 1) && HEARS(1, 0)))
	od
}

#ifdef ENDS
#define IS_FREE(i)	(t[i].state == CLOSE || t[i].state == LISTEN)

/*
 * When nothing is left to happen, nobody is in a connection any more, whatever was lost. But for
 * FIN-WAIT-2: it has nothing to send and no time-out in the RFC, so it waits for ever when its peer
 * aborted or gave up, and the reset was lost. Linux has a time-out there: tcp_fin_timeout.
 *
 * What endpoint() asserts: nobody has to give up, not even after an abort, unless a segment was
 * lost or came twice, or RFC 5961's challenge ACK took the place of a reset.
 */
proctype last_claim()
{
	timeout;
	assert((IS_FREE(0) && IS_FREE(1)) ||
	       (IS_FREE(0) && t[1].state == FIN_WAIT2 && torn[0]) ||
	       (IS_FREE(1) && t[0].state == FIN_WAIT2 && torn[1]))
}
#endif

init {
	atomic {
#ifdef ENDS
		run last_claim();
#endif
		run endpoint(0);
		run endpoint(1);
		run network(0);
		run network(1);
		run claims()
	}
}
