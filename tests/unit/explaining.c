// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "explaining.h"

void explaining_begin(struct explaining *e, enum tale_form form)
{
	e->client = tale_client();
	e->server = tale_server();
	tale_begin(&e->tale, form, NULL);
}

int explaining_setup(void **state)
{
	struct explaining *e = test_calloc(1, sizeof(*e));

	explaining_begin(e, TALE_TEXT);
	*state = e;
	return 0;
}

int explaining_teardown(void **state)
{
	struct explaining *e = *state;

	tale_end(&e->tale);
	test_free(e);
	return 0;
}

void explaining_talk(struct explaining *e)
{
	tale_open(&e->tale, &e->client, &e->server);
	tale_send(&e->client, &e->server, 140);
	tale_send(&e->server, &e->client, 2300);
}

void explaining_close_client(struct explaining *e)
{
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	tale_fin(&e->client, &e->server);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_CLOSE_WAIT, 1000030);
}

void explaining_close_server(struct explaining *e, enum tct_kind kind)
{
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1250000);
	tale_fin(&e->server, &e->client);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1250040);
	tale_tear(&e->tale, &e->client, kind, TCT_CLOSER_LOCAL, 1250040);
}

void explaining_expire_client(struct explaining *e)
{
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_EXPIRED, 61250040);
}

void explaining_play_orderly(struct explaining *e)
{
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000070);
	explaining_close_server(e, TCT_KIND_ORDERLY);
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1250080);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY, TCT_CLOSER_REMOTE, 1250080);
	explaining_expire_client(e);
}

void explaining_play_merged(struct explaining *e)
{
	explaining_talk(e);
	explaining_close_client(e);
	tale_move(&e->tale, &e->server, TCT_CLOSE_WAIT, TCT_LAST_ACK, 1000040);
	tale_fin(&e->server, &e->client);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_FIN_WAIT2, 1000060);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT2, TCT_TIME_WAIT, 1000070);
	tale_tear(&e->tale, &e->client, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_LOCAL, 1000070);
	tale_move(&e->tale, &e->server, TCT_LAST_ACK, TCT_CLOSE, 1000090);
	tale_tear(&e->tale, &e->server, TCT_KIND_ORDERLY_MERGED, TCT_CLOSER_REMOTE, 1000090);
	tale_leave(&e->tale, &e->client, TCT_TIME_WAIT, TCT_END_REUSED_OUT, 9000000);
}

void explaining_play_simultaneous(struct explaining *e)
{
	explaining_talk(e);
	tale_move(&e->tale, &e->client, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000000);
	tale_move(&e->tale, &e->server, TCT_ESTABLISHED, TCT_FIN_WAIT1, 1000100);
	tale_fin(&e->client, &e->server);
	tale_fin(&e->server, &e->client);
	tale_move(&e->tale, &e->server, TCT_FIN_WAIT1, TCT_CLOSING, 1050000);
	tale_move(&e->tale, &e->client, TCT_FIN_WAIT1, TCT_CLOSING, 1050100);
	tale_move(&e->tale, &e->client, TCT_CLOSING, TCT_TIME_WAIT, 1100000);
	tale_tear(&e->tale, &e->client, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1100000);
	tale_move(&e->tale, &e->server, TCT_CLOSING, TCT_TIME_WAIT, 1100100);
	tale_tear(&e->tale, &e->server, TCT_KIND_SIMULTANEOUS, TCT_CLOSER_BOTH, 1100100);
}
