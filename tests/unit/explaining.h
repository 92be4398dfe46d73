/* SPDX-License-Identifier: GPL-2.0 */
/* A tale of a client and a server, told to what explains it; and the closes that tests share. */
#ifndef EXPLAINING_H
#define EXPLAINING_H

#include "tale.h"

struct explaining {
	struct tale tale;
	struct tale_socket client, server;
};

/* cmocka's set-up and tear-down: *state is a struct explaining, which tells a text. */
int explaining_setup(void **state);
int explaining_teardown(void **state);

#define EXPLAINING_TEST(test) \
	cmocka_unit_test_setup_teardown(test, explaining_setup, explaining_teardown)

/* Both sockets and the tale anew; one that was begun is to be ended before. */
void explaining_begin(struct explaining *e, enum tale_form form);

/* Both open, the client sends 140 bytes and the server 2300. */
void explaining_talk(struct explaining *e);

/* The client closes at one second; the FIN takes 30 us. */
void explaining_close_client(struct explaining *e);

/* From CLOSE_WAIT; the client, in FIN_WAIT2, then ends so, and its TIME_WAIT by its timer. */
void explaining_close_server(struct explaining *e, enum tct_kind kind);
void explaining_expire_client(struct explaining *e);

/* A whole connection; a simultaneous one up to both TIME_WAITs. */
void explaining_play_orderly(struct explaining *e);
void explaining_play_merged(struct explaining *e);
void explaining_play_simultaneous(struct explaining *e);

#endif
