/* SPDX-License-Identifier: ISC */
/* The version of Midge, as `midge-hv --version' and `xl info' tell it. */
#ifndef DAEMON_RELEASE_H
#define DAEMON_RELEASE_H

#define MIDGE_RELEASE "0.1.0"

#endif /* DAEMON_RELEASE_H */
