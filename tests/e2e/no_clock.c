// Preloaded into a server: the monotonic clock fails the first time that it is read, as it never
// does. In a server that is told something about telemetry at its start, the library is the first
// to read it, and panics.

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec* time) {
    static bool has_failed = false;
    if (clock == CLOCK_MONOTONIC && !has_failed) {
        has_failed = true;
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_clock_gettime, clock, time);
}
