/* SPDX-License-Identifier: ISC */
/* Fuzzes what a control connection can bring: framing, then requests. */

#include <stdlib.h>
#include <daemon/proto.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ctl_request r;
    struct ctl_error e;
    size_t total, len;
    bool bad;

    while (ctl_frame(data, size, &total) > 0) {
        if (ctl_parse((const char *)data + CTL_HEADER, total - CTL_HEADER, &r,
                      &e, &bad))
            free(ctl_message(ctl_answer_error(r.id, &e), &len));
        data += total;
        size -= total;
    }
    /* The text as it is, so that the fuzzer need not find good lengths. */
    if (ctl_parse((const char *)data, size, &r, &e, &bad))
        free(ctl_message(ctl_answer_error(r.id, &e), &len));
    return 0;
}
