/* SPDX-License-Identifier: ISC */
/* The frontend's state machine; contract in xenbus/frontend.h. */
#include <xenbus/frontend.h>

#include <base/string.h>
#include <xen/errno.h>
#include <xenstore/wire.h>

#define ____ XBF_STAY

/*
 * Rows are ours, columns the backend's: gone, Initialising, InitWait,
 * Initialised, Connected, Closing, Closed, Reconfiguring, Reconfigured,
 * nonsense.
 *
 * A backend that begins anew under a device that is set up (INITIALISED,
 * CONNECTED) has forgotten us: so do we. InitWait is no such sign while
 * INITIALISED: it has not seen our nodes yet. Initialised and Connected while
 * we are INITIALISING are what it was for somebody before us; it will notice
 * our state. Reconfiguring is for devices that none of our drivers is.
 */
/* clang-format off */
static const uint8_t actions[XBF_STATES][XBF_BACKEND_STATES] = {
    [XBF_INITIALISING] = {____, ____, XBF_CONNECT,
                          ____, ____,
                          XBF_CLOSE, ____, ____, ____, ____},
    [XBF_INITIALISED] = {XBF_CLOSE, XBF_RESTART, ____,
                         ____, XBF_CONNECTED_NOW,
                         XBF_CLOSE, XBF_CLOSE, ____, ____, ____},
    [XBF_CONNECTED] = {XBF_CLOSE, XBF_RESTART, XBF_RESTART,
                       ____, ____,
                       XBF_CLOSE, XBF_CLOSE, ____, ____, ____},
    [XBF_CLOSED] = {____, XBF_RESTART, XBF_RESTART,
                    ____, ____,
                    ____, ____, ____, ____, ____},
    [XBF_FAILED] = {XBF_FORGIVE, ____, ____,
                    ____, ____,
                    XBF_FORGIVE, XBF_FORGIVE, ____, ____, ____},
};
/* clang-format on */

enum xbf_action xbf_action(enum xbf_state state, unsigned backend)
{
    return (enum xbf_action)actions[state][backend];
}

enum xbf_state xbf_next(enum xbf_state state, enum xbf_action action)
{
    switch (action) {
    case XBF_CONNECT:
        return XBF_INITIALISED;
    case XBF_CONNECTED_NOW:
        return XBF_CONNECTED;
    case XBF_CLOSE:
    case XBF_FORGIVE:
        return XBF_CLOSED;
    case XBF_RESTART:
        return XBF_INITIALISING;
    case XBF_STAY:
        break;
    }
    return state;
}

enum xenbus_state xbf_wire_state(enum xbf_state state)
{
    switch (state) {
    case XBF_INITIALISING:
        return XenbusStateInitialising;
    case XBF_INITIALISED:
        return XenbusStateInitialised;
    case XBF_CONNECTED:
        return XenbusStateConnected;
    default:
        return XenbusStateClosed;
    }
}

bool xbf_is_set_up(enum xbf_state state)
{
    return state == XBF_INITIALISED || state == XBF_CONNECTED;
}

unsigned xbf_backend_state(const char *value)
{
    if (!value)
        return XBF_BACKEND_GONE;
    if (value[0] < '1' || value[0] > '8' || value[1] != '\0')
        return XBF_BACKEND_NONSENSE;
    return (unsigned)(value[0] - '0');
}

/* A number as a path's part: no leading zeros. */
static int part_number(const char *part, uint64_t max, uint64_t *number)
{
    if (part[0] == '0' && part[1] != '\0')
        return -XEN_EINVAL;
    return xs_number(part, max, number);
}

int xbf_index(const char *name, unsigned *index)
{
    uint64_t number;
    int rc = part_number(name, INT32_MAX, &number);

    if (!rc)
        *index = (unsigned)number;
    return rc;
}

/* Steps over (text) at (*path); false when something else is there. */
static bool skip_text(const char **path, const char *text)
{
    size_t len = strlen(text);

    if (strncmp(*path, text, len) != 0)
        return false;
    *path += len;
    return true;
}

static bool skip_number(const char **path, unsigned number)
{
    char text[XS_NUMBER_MAX];

    (void)xs_print_number(number, text);
    return skip_text(path, text);
}

/* A name of small letters, digits, '-' and '_'. */
static bool skip_type(const char **path)
{
    const char *start = *path;

    while ((**path >= 'a' && **path <= 'z') ||
           (**path >= '0' && **path <= '9') || **path == '-' || **path == '_')
        (*path)++;
    return *path != start;
}

int xbf_check_backend_path(const char *path, domid_t backend, domid_t self,
                           unsigned index)
{
    if (skip_text(&path, "/local/domain/") && skip_number(&path, backend) &&
        skip_text(&path, "/backend/") && skip_type(&path) &&
        skip_text(&path, "/") && skip_number(&path, self) &&
        skip_text(&path, "/") && skip_number(&path, index) && *path == '\0')
        return 0;
    return -XEN_EINVAL;
}
