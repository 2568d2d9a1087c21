// Preloaded into a server: what is read from or written to its identity goes one byte at a time,
// as a file system may do it.

#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static size_t allowed(int descriptor, size_t size) {
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) {
        return size;
    }
    path[length] = '\0';
    return size > 1 && strstr(path, "/telemetry_uuid") != NULL ? 1 : size;
}

ssize_t write(int descriptor, const void* data, size_t size) {
    return syscall(SYS_write, descriptor, data, allowed(descriptor, size));
}

ssize_t read(int descriptor, void* data, size_t size) {
    return syscall(SYS_read, descriptor, data, allowed(descriptor, size));
}
