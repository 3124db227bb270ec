/* SPDX-License-Identifier: ISC */
/* The frontend's table for every pair of states, and the words it accepts. */
#include "xenbus_test.h"
#include <tap.h>
#include <xen/errno.h>
#include <xenbus/frontend.h>

/* By (ours, backend's): - stay, c connect, C connected, x close, r restart,
 * f forgive. */
static const char *const want[XBF_STATES] = {
    [XBF_INITIALISING] = "--c--x----", [XBF_INITIALISED] = "xr--Cxx---",
    [XBF_CONNECTED] = "xrr--xx---",    [XBF_CLOSED] = "-rr-------",
    [XBF_FAILED] = "f----ff---",
};
static const char letters[] = "-cCxrf"; /* by enum xbf_action */

static void test_table(void)
{
    unsigned s, b;

    for (s = 0; s < XBF_STATES; s++)
        for (b = 0; b < XBF_BACKEND_STATES; b++) {
            enum xbf_action a = xbf_action((enum xbf_state)s, b);

            is_int(letters[a], want[s][b], "we %u, backend %u", s, b);
        }
}

/* Whatever a backend does: connect() and disconnect() alternate, and a state
 * that it leaves alone comes to rest. */
static void test_invariants(void)
{
    unsigned s, b, steps, bad = 0, restless = 0;

    for (s = 0; s < XBF_STATES; s++)
        for (b = 0; b < XBF_BACKEND_STATES; b++) {
            enum xbf_state st = (enum xbf_state)s, next;
            enum xbf_action a = xbf_action(st, b);

            next = xbf_next(st, a);
            bad += a == XBF_CONNECT && xbf_is_set_up(st);
            bad += a == XBF_CONNECTED_NOW && st != XBF_INITIALISED;
            bad += a == XBF_FORGIVE && xbf_is_set_up(st);
            bad += a == XBF_STAY && next != st;
            for (steps = 0; a != XBF_STAY && steps < 4; steps++) {
                st = xbf_next(st, a);
                a = xbf_action(st, b);
            }
            restless += a != XBF_STAY;
        }
    is_int(bad, 0, "only what is not set up is set up");
    is_int(restless, 0, "at rest after few steps");
    is_int(xbf_action(XBF_FAILED, XenbusStateInitWait), XBF_STAY,
           "what has failed does not try again by itself");
}

static void test_wire(void)
{
    is_int(xbf_wire_state(XBF_INITIALISING), 1, "Initialising");
    is_int(xbf_wire_state(XBF_INITIALISED), 3, "Initialised");
    is_int(xbf_wire_state(XBF_CONNECTED), 4, "Connected");
    is_int(xbf_wire_state(XBF_CLOSED), 6, "Closed");
    is_int(xbf_wire_state(XBF_FAILED), 6, "Closed as well");
    is_int(xbf_backend_state(NULL), XBF_BACKEND_GONE, "no node");
    is_int(xbf_backend_state("1"), 1, "a state");
    is_int(xbf_backend_state("8"), 8, "the last one");
    is_int(xbf_backend_state("0"), XBF_BACKEND_NONSENSE, "0 is none");
    is_int(xbf_backend_state("9"), XBF_BACKEND_NONSENSE, "nor is 9");
    is_int(xbf_backend_state("04"), XBF_BACKEND_NONSENSE, "nor 04");
    is_int(xbf_backend_state("4 "), XBF_BACKEND_NONSENSE, "nor '4 '");
    is_int(xbf_backend_state(""), XBF_BACKEND_NONSENSE, "nor ''");
    is_int(xbf_backend_state("-4"), XBF_BACKEND_NONSENSE, "nor -4");
}

static void test_paths(void)
{
    static const char *const bad[] = {
        "",
        "/",
        "/local/domain/0/backend/vif/7",
        "/local/domain/0/backend/vif/7/",
        "/local/domain/0/backend/vif/7/10",
        "/local/domain/0/backend/vif/7/1/",
        "/local/domain/0/backend/vif/07/1",
        "/local/domain/0/backend/vif/71/1",
        "/local/domain/0/backend/vif/8/1",
        "/local/domain/1/backend/vif/7/1",
        "/local/domain/00/backend/vif/7/1",
        "/local/domain/0/backend//7/1",
        "/local/domain/0/backend/../vif/7/1",
        "/local/domain/0/backend/vif/x/7/1",
        "/local/domain/7/backend/vif/7/1",
        "/local/domain/0/device/vif/7/1",
        "local/domain/0/backend/vif/7/1",
        "//local/domain/0/backend/vif/7/1",
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++)
        is_int(xbf_check_backend_path(bad[i], 0, 7, 1), -XEN_EINVAL,
               "refused: %s", bad[i]);
    is_int(xbf_check_backend_path("/local/domain/0/backend/vif/7/1", 0, 7, 1),
           0, "where it belongs");
    is_int(xbf_check_backend_path("/local/domain/12/backend/9pfs/3/51712", 12,
                                  3, 51712),
           0, "in a driver domain");
}

static void test_index(void)
{
    static const char *const bad[] = {"",    "-1",         "01", "1a", " 1",
                                      "../", "2147483648", "1/", "+1"};
    unsigned index = 99;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++)
        is_int(xbf_index(bad[i], &index), -XEN_EINVAL, "no device: '%s'",
               bad[i]);
    is_int(index, 99, "left alone");
    is_int(xbf_index("0", &index), 0, "the first device");
    is_int(index, 0, "is 0");
    is_int(xbf_index("2147483647", &index), 0, "the last one");
    is_int(index, 2147483647, "is 2^31 - 1");
}

void test_frontend(void)
{
    test_table();
    test_invariants();
    test_wire();
    test_paths();
    test_index();
}
