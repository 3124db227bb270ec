/* SPDX-License-Identifier: ISC */
/* The store, over its wire protocol. */
#include "peer.h"

int main(void)
{
    test_tree();
    test_watches();
    test_txns();
    test_hostile();
    test_limits();
    return tap_done();
}
