/* SPDX-License-Identifier: ISC */
/* What the files of the client library share. */
#ifndef CLIENT_H
#define CLIENT_H

#include <jansson.h>
#include <base/compiler.h>
#include <midge/client.h>

/* Longest JSON text of a request, and of an answer (docs/control-protocol.md:
 * 64 KiB; being generous in what is accepted costs nothing). */
#define MESSAGE_MAX 65536u
#define ANSWER_MAX  (16u << 20)
#define HEADER      4u

/* An answer that came while another one was waited for. */
struct stored_answer {
    int64_t id;
    json_t *answer;
    struct stored_answer *next;
};

struct midge {
    int fd;
    int64_t last_id;
    /* Bytes received and not yet understood: one message, perhaps partly. */
    char *in;
    size_t in_size, in_used;
    struct stored_answer *stored;
    /* Of the other end; NULL and 0 when the connection was not made by us. */
    char *run_dir;
    int pid;
    void (*slow)(int daemon_pid, unsigned seconds); /* midge_options.slow   */
    bool prompt;  /* somebody is to be told when the answer is late          */
    bool hung_up; /* the daemon closed the connection without a word         */
};

/* error.c: fill (*err), one line; return -1. */
__printf(3, 4) int fail(struct midge_error *err, enum midge_code code,
                        const char *format, ...);
/* The code for a name of the protocol; MIDGE_E_INTERNAL for unknown ones. */
enum midge_code code_by_name(const char *name);

/* rundir.c: 0, or MIDGE_E_UNTRUSTED or MIDGE_E_NO_DAEMON (does not exist). */
int check_run_dir(const char *run_dir, struct midge_error *err);

/* start.c: starts (program, NULL = look for it) and returns when it serves, or
 * when another daemon does. */
int start_daemon(const char *program, const char *run_dir,
                 struct midge_error *err);

/*
 * call.c: sends a request made of (op) and the members of (args), whose
 * reference it takes (NULL: out of memory), with (nr_fds) descriptors. The
 * answer is asked for by (*id).
 */
int send_request(struct midge *m, const char *op, json_t *args, const int *fds,
                 size_t nr_fds, int64_t *id, struct midge_error *err);
/* Waits for the answer to (id); (*out) is the caller's, and "ok". */
int receive_answer(struct midge *m, int64_t id, json_t **out,
                   struct midge_error *err);
/* The same without blocking: 1 with (*out), or 0 when it has not come. */
int check_answer(struct midge *m, int64_t id, json_t **out,
                 struct midge_error *err);
/* Request and answer. (out) NULL: only success matters. */
int call(struct midge *m, const char *op, json_t *args, const int *fds,
         size_t nr_fds, json_t **out, struct midge_error *err);
void drop_stored(struct midge *m);

/* ops.c: {"domain": domain}, or NULL with (*err); domain_call() is a request
 * with nothing else. add_text() adds a string that came from the user. */
json_t *domain_args(const char *domain, struct midge_error *err);
int domain_call(struct midge *m, const char *op, const char *domain,
                struct midge_error *err);
int add_text(json_t *args, const char *key, const char *text,
             struct midge_error *err);

/* ops.c: typed look-ups in an answer. A member that is missing or of another
 * type leaves false, 0 or "". Texts are cut to (size). */
void get_text(const json_t *obj, const char *key, char *out, size_t size);
uint64_t get_u64(const json_t *obj, const char *key);
unsigned get_unsigned(const json_t *obj, const char *key);
int get_int(const json_t *obj, const char *key);

#endif /* CLIENT_H */
