/* SPDX-License-Identifier: ISC */
/* Any bytes as a device tree: what is called free lies behind the image. */
#include <devicetree/devicetree.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_START 0x40000000ull
#define IMAGE_END   0x40035000ull

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* As large as the data, so that a byte too far is seen; and aligned. */
    uint8_t *blob = malloc(size ? size : 1);
    struct device_tree dt;
    enum dt_error e;

    if (!blob)
        return 0;
    memcpy(blob, data, size);
    e = dt_read(&dt, blob, size, IMAGE_START, IMAGE_END);
    if (e == DT_OK &&
        (dt.free_start < IMAGE_END || dt.free_start >= dt.free_end ||
         dt.free_start % 4096 || dt.free_end % 4096 || dt.gic_version < 2 ||
         dt.event_interrupt < 16 || dt.event_interrupt > 31 ||
         strlen(dt.command_line) > size))
        abort();
    free(blob);
    return 0;
}
