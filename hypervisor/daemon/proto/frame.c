/* SPDX-License-Identifier: ISC */
/* Messages on the wire: a 4-byte little-endian length, then that many bytes. */

#include <errno.h>
#include <daemon/proto.h>

int ctl_frame(const void *buf, size_t len, size_t *total)
{
    const uint8_t *p = buf;
    uint32_t text;

    *total = CTL_HEADER;
    if (len < CTL_HEADER)
        return 0;
    text = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
    if (!text || text > CTL_MSG_MAX)
        return -EMSGSIZE;
    *total = CTL_HEADER + text;
    return len >= *total;
}

void ctl_frame_header(uint8_t header[CTL_HEADER], size_t len)
{
    header[0] = (uint8_t)len;
    header[1] = (uint8_t)(len >> 8);
    header[2] = (uint8_t)(len >> 16);
    header[3] = (uint8_t)(len >> 24);
}
