// start() leaves all work to the library's thread: on the caller's own it touches no file of the
// dbpath and no socket.
//
// This program's functions take the place of libc's and write down who asks for what.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace {

struct Access {
    bool isByCaller;
    std::string what;
};

std::atomic<bool> isWatching{false};
thread_local bool isInStart = false;

class Watch {
public:
    void add(const std::string& what) {
        const std::lock_guard<std::mutex> lock(_mutex);
        _seen.push_back({isInStart, what});
    }

    std::vector<Access> take() {
        const std::lock_guard<std::mutex> lock(_mutex);
        return std::exchange(_seen, {});
    }

private:
    std::mutex _mutex;
    std::vector<Access> _seen;
};

Watch& watch() {
    static Watch seen;
    return seen;
}

void note(const char* path) {
    if (isWatching) {
        watch().add(path);
    }
}

template <typename... Arguments>
int kernel(long number, Arguments... arguments) {
    return static_cast<int>(::syscall(number, arguments...));
}

}  // namespace

extern "C" {

int open64(const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    note(path);
    return kernel(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    note(path);
    return kernel(SYS_openat, folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    note(path);
    return kernel(SYS_openat, folder, path, flags, mode);
}

int statx(int folder, const char* path, int flags, unsigned mask, struct statx* found) noexcept {
    note(path);
    return kernel(SYS_statx, folder, path, flags, mask, found);
}

int stat64(const char* path, struct stat64* found) noexcept {
    note(path);
    return kernel(SYS_newfstatat, AT_FDCWD, path, found, 0);
}

int lstat64(const char* path, struct stat64* found) noexcept {
    note(path);
    return kernel(SYS_newfstatat, AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

int rename(const char* from, const char* to) noexcept {
    note(from);
    return kernel(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0U);
}

int renameat(int fromFolder, const char* from, int toFolder, const char* to) noexcept {
    note(from);
    return kernel(SYS_renameat2, fromFolder, from, toFolder, to, 0U);
}

int unlink(const char* path) noexcept {
    note(path);
    return kernel(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
    note(path);
    return kernel(SYS_unlinkat, folder, path, flags);
}

int socket(int family, int type, int protocol) noexcept {
    note("a socket");
    return kernel(SYS_socket, family, type, protocol);
}

}  // extern "C"

namespace consumer {
namespace {

constexpr int kHandles = 200;

void theCallersThreadDoesNothing() {
    Distribution took;
    for (int i = 0; i < kHandles; ++i) {
        const TempDir dbpath;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        set(telemetry, "perconaTelemetryGracePeriod", "604800");
        const std::string path = dbpath.path();

        isWatching = true;
        isInStart = true;
        took.add(timed([&] { telemetry.start({path, kVersion}); }));
        isInStart = false;
        host->waitFor("Telemetry enabled");
        isWatching = false;
        expectStopped(telemetry);

        bool hasLibraryOpenedDbpath = false;
        for (const Access& access : watch().take()) {
            expect(!access.isByCaller || access.what == kHostFile,
                   "start() looks for the host's opt-out file and touches nothing else",
                   access.what);
            hasLibraryOpenedDbpath |= !access.isByCaller && access.what == path;
        }
        expect(hasLibraryOpenedDbpath,
               "the library's thread opens the dbpath: this program's functions are those in use",
               "nothing was written down");
    }
    std::cout << "   start() took: " << took.text() << std::endl;
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"start() touches neither the dbpath nor the network on the caller's thread",
         theCallersThreadDoesNothing},
    });
}
