/* SPDX-License-Identifier: GPL-2.0 */
/* Segments that the kernel itself drops: nftables rules of the current namespace. */
#ifndef LIVE_NFT_H
#define LIVE_NFT_H

/*
 * Drops those that arrive in the current namespace and match, in nft's words; all rules before go.
 * "" drops nothing. Skips the running test without nft or nf_tables.
 */
void nft_drop(const char *match);

#endif
