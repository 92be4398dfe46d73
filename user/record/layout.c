// SPDX-License-Identifier: GPL-2.0
#include "layout.h"

#include <stdio.h>
#include <string.h>
#include "../core/decode.h"
#include "anonymize.h"

void tct_layout_sizes(uint16_t sizes[TCT_LAYOUT_TAGS])
{
	for (int tag = 0; tag < TCT_LAYOUT_TAGS; tag++)
		sizes[tag] = (uint16_t)tct_decode_size((uint8_t)tag);
}

static void put_flags(const struct tct_host *host, struct tct_layout_host *out)
{
	out->flags = (host->cookieless ? TCT_LAYOUT_COOKIELESS : 0) |
		     (host->sees_resets ? TCT_LAYOUT_SEES_RESETS : 0) |
		     (host->sees_segments ? TCT_LAYOUT_SEES_SEGMENTS : 0) |
		     (host->minis_need_socket ? TCT_LAYOUT_MINIS_NEED_SOCKET : 0) |
		     (host->holds_back ? TCT_LAYOUT_HOLDS_BACK : 0) |
		     (host->brief ? TCT_LAYOUT_BRIEF : 0) |
		     host->shards << TCT_LAYOUT_SHARDS;
}

static void put_reasons(const struct tct_host *host, struct tct_layout_host *out)
{
	for (uint32_t i = 0; host->reset_reason && i < TCT_LAYOUT_REASONS; i++) {
		const char *name = host->reset_reason(i);

		snprintf(out->reasons[i], TCT_LAYOUT_REASON_LEN, "%s", name ? name : "");
	}
}

static void put_symbols(const struct tct_end_symbol *symbols, struct tct_layout_host *out)
{
	for (int i = 0; i < TCT_END_SYMBOLS_MAX; i++) {
		out->symbols[i].start = symbols[i].start;
		out->symbols[i].stop = symbols[i].stop;
	}
}

void tct_layout_put_host(const struct tct_host *host, const struct tct_anonymize *anonymize,
			 struct tct_layout_host *out)
{
	struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX];

	memset(out, 0, sizeof(*out));
	out->start_ns = host->start_ns;
	out->real_offset_ns = host->real_offset_ns;
	out->hz = host->hz;
	out->max_sockets = host->max_sockets;
	out->filter = host->filter;
	memcpy(out->kernel, host->kernel, TCT_NAME_LEN);
	memcpy(out->set_state, host->set_state, TCT_NAME_LEN);
	memcpy(out->time_wait, host->time_wait, TCT_NAME_LEN);
	memcpy(out->time_wait_end, host->time_wait_end, TCT_NAME_LEN);
	memcpy(out->reset, host->reset, TCT_NAME_LEN);
	memcpy(symbols, host->end_symbols, sizeof(symbols));
	put_flags(host, out);
	if (anonymize) {
		out->flags |= TCT_LAYOUT_ANONYMOUS;
		tct_anonymize_symbols(anonymize, symbols);
	}
	put_symbols(symbols, out);
	tct_layout_sizes(out->sizes);
	put_reasons(host, out);
}

static uint32_t get_shards(const struct tct_layout_host *in)
{
	uint32_t shards = in->flags >> TCT_LAYOUT_SHARDS & 0xf;

	return shards < TCT_SHARDS_MAX ? shards : TCT_SHARDS_MAX;
}

static void get_name(const char in[TCT_NAME_LEN], char out[TCT_NAME_LEN])
{
	memcpy(out, in, TCT_NAME_LEN);
	out[TCT_NAME_LEN - 1] = '\0';
}

void tct_layout_get_host(const struct tct_layout_host *in, struct tct_host *host)
{
	*host = (struct tct_host){
		.start_ns = in->start_ns,
		.real_offset_ns = in->real_offset_ns,
		.hz = in->hz,
		.max_sockets = in->max_sockets,
		.shards = get_shards(in),
		.filter = in->filter,
		.cookieless = in->flags & TCT_LAYOUT_COOKIELESS,
		.sees_resets = in->flags & TCT_LAYOUT_SEES_RESETS,
		.sees_segments = in->flags & TCT_LAYOUT_SEES_SEGMENTS,
		.minis_need_socket = in->flags & TCT_LAYOUT_MINIS_NEED_SOCKET,
		.holds_back = in->flags & TCT_LAYOUT_HOLDS_BACK,
		.brief = in->flags & TCT_LAYOUT_BRIEF,
	};
	get_name(in->kernel, host->kernel);
	get_name(in->set_state, host->set_state);
	get_name(in->time_wait, host->time_wait);
	get_name(in->time_wait_end, host->time_wait_end);
	get_name(in->reset, host->reset);
	for (int i = 0; i < TCT_END_SYMBOLS_MAX; i++) {
		host->end_symbols[i].start = in->symbols[i].start;
		host->end_symbols[i].stop = in->symbols[i].stop;
	}
}
