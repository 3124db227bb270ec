/* SPDX-License-Identifier: ISC */
/*
 * Requests and answers on the wire: a 4-byte little-endian length and one JSON
 * object. Answers may come in any order; those that are not waited for right
 * now are kept until somebody asks.
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_FDS 2
#define SLOW_S  5

static int broken(struct midge_error *err, const char *doing)
{
    return fail(err, MIDGE_E_SYSTEM, "cannot %s midge-hv: %s", doing,
                strerror(errno));
}

/* The daemon has ended without a word to us; its log knows more. */
static int hung_up(struct midge *m, struct midge_error *err)
{
    m->hung_up = true;
    if (!m->run_dir)
        return fail(err, MIDGE_E_SYSTEM,
                    "midge-hv closed the connection; see its log");
    return fail(err, MIDGE_E_SYSTEM,
                "midge-hv closed the connection; see %s/midge-hv.log",
                m->run_dir);
}

/* Writes everything, unless the daemon has hung up; the descriptors travel with
 * the first byte. */
static int send_all(struct midge *m, const char *bytes, size_t len,
                    const int *fds, size_t nr_fds, struct midge_error *err)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(MAX_FDS * sizeof(int))];
    } control = {.room = {0}};
    /* An iovec is for reading too, so its pointer is not const. */
    struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (nr_fds) {
        struct cmsghdr *c;

        msg.msg_control = control.room;
        msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
    }
    while (iov.iov_len) {
        ssize_t n = sendmsg(m->fd, &msg, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        /* It takes no more, but may have said why: whoever receives sees. */
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
            return 0;
        if (n < 0)
            return broken(err, "send to");
        iov.iov_base = (char *)iov.iov_base + n;
        iov.iov_len -= (size_t)n;
        msg.msg_control = NULL;
        msg.msg_controllen = 0;
    }
    return 0;
}

static void put_length(char *header, size_t len)
{
    for (unsigned i = 0; i < HEADER; i++)
        header[i] = (char)(len >> (8 * i));
}

static size_t get_length(const char *header)
{
    size_t len = 0;

    for (unsigned i = 0; i < HEADER; i++)
        len |= (size_t)(unsigned char)header[i] << (8 * i);
    return len;
}

int send_request(struct midge *m, const char *op, json_t *args, const int *fds,
                 size_t nr_fds, int64_t *id, struct midge_error *err)
{
    char *message = malloc(HEADER + MESSAGE_MAX);
    size_t len = 0;
    int rc = -1;

    *id = ++m->last_id;
    if (!message || !args ||
        json_object_set_new(args, "id", json_integer(*id)) < 0 ||
        json_object_set_new(args, "op", json_string(op)) < 0) {
        (void)fail(err, MIDGE_E_NO_MEMORY, "out of memory");
        goto out;
    }
    len = json_dumpb(args, message + HEADER, MESSAGE_MAX, JSON_COMPACT);
    if (len == 0 || len > MESSAGE_MAX) {
        (void)fail(err, MIDGE_E_INVALID, "the request is longer than %u bytes",
                   MESSAGE_MAX);
        goto out;
    }
    put_length(message, len);
    rc = send_all(m, message, HEADER + len, fds, nr_fds, err);
out:
    json_decref(args);
    free(message);
    return rc;
}

/* --- receiving ------------------------------------------------------------ */

static int make_room(struct midge *m, size_t size, struct midge_error *err)
{
    char *bigger;

    if (size <= m->in_size)
        return 0;
    bigger = realloc(m->in, size);
    if (!bigger)
        return fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    m->in = bigger;
    m->in_size = size;
    return 0;
}

/* Returns when there is something to receive, or after having told of a daemon
 * that takes its time. */
static void watch_delay(struct midge *m)
{
    struct pollfd p = {.fd = m->fd, .events = POLLIN};
    int r;

    if (!m->prompt || !m->slow)
        return;
    do
        r = poll(&p, 1, SLOW_S * 1000);
    while (r < 0 && errno == EINTR);
    if (r != 0)
        return;
    m->prompt = false; /* once is enough */
    m->slow(m->pid, SLOW_S);
}

/*
 * Reads until the current message is complete. 1 when it is, 0 when (!block)
 * and it is not yet.
 */
static int fill(struct midge *m, bool block, struct midge_error *err)
{
    for (;;) {
        size_t want = HEADER;
        ssize_t n;

        if (m->in_used >= HEADER) {
            size_t len = get_length(m->in);

            if (len == 0 || len > ANSWER_MAX)
                return fail(err, MIDGE_E_PROTOCOL,
                            "midge-hv sent a message of %zu bytes", len);
            want += len;
            if (m->in_used >= want)
                return 1;
        }
        if (make_room(m, want, err) < 0)
            return -1;
        if (block)
            watch_delay(m);
        n = recv(m->fd, m->in + m->in_used, want - m->in_used,
                 block ? 0 : MSG_DONTWAIT);
        if (n > 0) {
            m->in_used += (size_t)n;
            continue;
        }
        if (n == 0 || errno == ECONNRESET)
            return hung_up(m, err);
        if (errno == EAGAIN && !block)
            return 0;
        if (errno != EINTR)
            return broken(err, "receive from");
    }
}

/* The message that fill() has completed. */
static int parse(struct midge *m, json_t **out, struct midge_error *err)
{
    json_error_t why;
    json_t *answer = json_loadb(m->in + HEADER, m->in_used - HEADER,
                                JSON_REJECT_DUPLICATES, &why);

    m->in_used = 0;
    if (!answer)
        return fail(err, MIDGE_E_PROTOCOL, "midge-hv sent no JSON: %s",
                    why.text);
    if (!json_is_integer(json_object_get(answer, "id"))) {
        json_decref(answer);
        return fail(err, MIDGE_E_PROTOCOL,
                    "midge-hv sent an answer without an id");
    }
    *out = answer;
    return 0;
}

/* Takes a reference to (answer), also on failure. */
static int store(struct midge *m, json_t *answer, struct midge_error *err)
{
    struct stored_answer *s = malloc(sizeof(*s));

    if (!s) {
        json_decref(answer);
        return fail(err, MIDGE_E_NO_MEMORY, "out of memory");
    }
    s->id = json_integer_value(json_object_get(answer, "id"));
    s->answer = answer;
    s->next = m->stored;
    m->stored = s;
    return 0;
}

static json_t *take_stored(struct midge *m, int64_t id)
{
    for (struct stored_answer **at = &m->stored; *at; at = &(*at)->next) {
        struct stored_answer *s = *at;
        json_t *answer = s->answer;

        if (s->id != id)
            continue;
        *at = s->next;
        free(s);
        return answer;
    }
    return NULL;
}

void drop_stored(struct midge *m)
{
    while (m->stored) {
        struct stored_answer *s = m->stored;

        m->stored = s->next;
        json_decref(s->answer);
        free(s);
    }
}

/* An answer in hand: the result, or the error that it is. */
static int judge(json_t *answer, json_t **out, struct midge_error *err)
{
    const char *name, *text;

    if (json_is_true(json_object_get(answer, "ok"))) {
        *out = answer;
        return 1;
    }
    name = json_string_value(json_object_get(answer, "error"));
    text = json_string_value(json_object_get(answer, "message"));
    (void)fail(err, name ? code_by_name(name) : MIDGE_E_INTERNAL, "%s",
               text   ? text
               : name ? name
                      : "midge-hv refused without a reason");
    json_decref(answer);
    return -1;
}

/* What the daemon says before it closes the connection names no request. */
static bool is_last_word(json_t *answer)
{
    return json_integer_value(json_object_get(answer, "id")) == 0;
}

/* 1 with (*out), 0 only when (!block), or negative. */
static int get_answer(struct midge *m, int64_t id, bool block, json_t **out,
                      struct midge_error *err)
{
    json_t *answer = take_stored(m, id);

    while (!answer) {
        int rc = fill(m, block, err);

        if (rc <= 0)
            return rc;
        if (parse(m, &answer, err) < 0)
            return -1;
        if (json_integer_value(json_object_get(answer, "id")) == id ||
            is_last_word(answer))
            break;
        if (store(m, answer, err) < 0)
            return -1;
        answer = NULL;
    }
    return judge(answer, out, err);
}

int receive_answer(struct midge *m, int64_t id, json_t **out,
                   struct midge_error *err)
{
    return get_answer(m, id, true, out, err) < 0 ? -1 : 0;
}

int check_answer(struct midge *m, int64_t id, json_t **out,
                 struct midge_error *err)
{
    return get_answer(m, id, false, out, err);
}

int call(struct midge *m, const char *op, json_t *args, const int *fds,
         size_t nr_fds, json_t **out, struct midge_error *err)
{
    json_t *answer;
    int64_t id;
    int rc = send_request(m, op, args, fds, nr_fds, &id, err);

    if (rc < 0)
        return -1;
    m->prompt = true;
    rc = receive_answer(m, id, &answer, err);
    m->prompt = false;
    if (rc < 0)
        return -1;
    if (out)
        *out = answer;
    else
        json_decref(answer);
    return 0;
}
