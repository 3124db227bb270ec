/* SPDX-License-Identifier: ISC */
/* Whether the kernel offers what an engine needs. Each returns 0 or -errno. */
#ifndef HOST_PROBE_H
#define HOST_PROBE_H

#include <base/compiler.h>

/* Seccomp filters that can kill a process. */
__must_check int probe_seccomp(void);
/* Whether a process may map exactly [addr, addr + bytes), free in ours. */
__must_check int probe_fixed_mapping(unsigned long addr, unsigned long bytes);

#endif /* HOST_PROBE_H */
