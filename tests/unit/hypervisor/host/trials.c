/* SPDX-License-Identifier: ISC */
/* Functions in processes of their own, and the one that tries /dev/kvm. */
#include "host_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <host/fd.h>
#include <host/kvm.h>
#include <host/trial.h>

static struct trial_answer answers(int fd)
{
    return (struct trial_answer){7, fd};
}

/* Whether each descriptor but (fd) and the one the answer takes is closed. */
static struct trial_answer counts(int fd)
{
    int others = 0;

    for (int i = 0; i < 1024; i++)
        others += i != fd && fcntl(i, F_GETFD) >= 0;
    return (struct trial_answer){fcntl(fd, F_GETFD) >= 0, others};
}

static struct trial_answer hangs(int fd)
{
    while (pause())
        ;
    return (struct trial_answer){0, fd};
}

static struct trial_answer dies(int fd)
{
    (void)raise(SIGKILL);
    return (struct trial_answer){0, fd};
}

/* Starts, waits as a loop does, and finishes. */
static int try_it(int fd, unsigned limit_ms, struct trial_answer (*fn)(int fd),
                  struct trial_answer *a)
{
    struct pollfd p = {.events = POLLIN};
    struct trial t;
    int rc = trial_start(&t, fd, limit_ms, fn);

    if (!check(rc == 0, "it starts"))
        return rc;
    p.fd = t.fd;
    check(poll(&p, 1, -1) == 1, "its descriptor tells when it is over");
    rc = trial_finish(&t, a);
    check(t.fd == -1, "and is closed");
    return rc;
}

static void test_trial(void)
{
    struct trial_answer a = {0, 0};
    struct trial t;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    check(try_it(-1, 60000, answers, &a) == 0 && a.verdict == 7 &&
              a.detail == -1,
          "a trial's answer comes");
    check(try_it(fd, 60000, counts, &a) == 0 && a.verdict && a.detail == 1,
          "it has one descriptor of ours, and %d of its own", a.detail);
    check(try_it(-1, 50, hangs, &a) == -ETIME, "one that hangs is ended");
    check(try_it(-1, 60000, dies, &a) == -EIO, "one that dies says nothing");
    check(trial_start(&t, -1, 60000, hangs) == 0, "one more that hangs");
    trial_end(&t);
    check(kill(t.pid, 0) < 0 && errno == ESRCH && t.fd == -1,
          "can be ended before");
    trial_end(&t);
    fd_close(&fd);
}

static void test_kvm(void)
{
    struct trial_answer a = {0, 0};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fd = kvm_open(), rc;
    char text[256] = "";

    rc = try_it(null, KVM_TRY_MS, kvm_try, &a);
    check(kvm_try_text(rc, &a, text, sizeof(text)) &&
              strstr(text, "speaks another API"),
          "what is no /dev/kvm is found out: %s", text);
    check(kvm_try_text(-ETIME, &a, text, sizeof(text)) &&
              strstr(text, "opens but cannot run"),
          "a trial that hangs: %s", text);
    kvm_open_text(-ENOENT, text, sizeof(text));
    check(strstr(text, "/dev/kvm: there is none") != NULL, "no device: %s",
          text);
    if (fd >= 0) {
        rc = try_it(fd, KVM_TRY_MS, kvm_try, &a);
        check(!kvm_try_text(rc, &a, text, sizeof(text)) || text[0],
              "there is a verdict on this machine's: %d %d %d", rc, a.verdict,
              a.detail);
    }
    fd_close(&fd);
    fd_close(&null);
}

void test_trials(void)
{
    test_trial();
    test_kvm();
}
