// All work in the dbpath is the library's thread's. The caller's touches none of it, and does not
// hang where a dbpath on a network file system hangs: there, who opens it is blocked in the kernel.
//
// This program's functions take the place of libc's: they note who asks for what, and block in one
// path until it is released.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "support.h"

namespace {

thread_local bool isInStart = false;

// Notes what start() touches while it exists, and when the library's thread opens the dbpath. That
// one is blocked until it is released.
class Watch {
public:
    explicit Watch(std::string dbpath) : _dbpath(std::move(dbpath)) {
        current = this;
    }
    ~Watch() {
        current = nullptr;
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void add(const std::string& what) {
        if (isInStart) {
            touched.push_back(what);
        } else if (what == _dbpath) {
            entered.open();
            released.pass();
        }
    }

    static inline std::atomic<Watch*> current{nullptr};
    std::vector<std::string> touched;  // by the caller's thread alone
    consumer::Gate entered;
    consumer::Gate released;

private:
    const std::string _dbpath;
};

template <typename... Arguments>
int noted(const char* what, long number, Arguments... arguments) {
    // None at first: the first statx(), which asks whether there is one, has no path.
    if (Watch* const watch = Watch::current; watch != nullptr) {
        watch->add(what);
    }
    return static_cast<int>(::syscall(number, arguments...));
}

// What the library creates is for its user alone.
constexpr mode_t kMode = 0600;

}  // namespace

extern "C" {

int open64(const char* path, int flags, ...) {
    return noted(path, SYS_openat, AT_FDCWD, path, flags, kMode);
}

int openat(int folder, const char* path, int flags, ...) {
    return noted(path, SYS_openat, folder, path, flags, kMode);
}

int openat64(int folder, const char* path, int flags, ...) {
    return noted(path, SYS_openat, folder, path, flags, kMode);
}

int statx(int folder, const char* path, int flags, unsigned mask, struct statx* found) noexcept {
    return noted(path, SYS_statx, folder, path, flags, mask, found);
}

int socket(int family, int type, int protocol) noexcept {
    return noted("a socket", SYS_socket, family, type, protocol);
}

}  // extern "C"

using namespace consumer;

namespace {

constexpr int kHandles = 200;

// The library's thread opens the dbpath, and is blocked there.
struct Blocked {
    Blocked() {
        server.start(receiver.url());
        watch.entered.expectPassed("this program's open64 is the one in use");
    }
    ~Blocked() {
        watch.released.open();
        server.handle.reset();
        waitUntilLibraryThreadsAreGone();
    }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

    Receiver receiver = Receiver::answering();
    Server server;
    Watch watch{server.dbpath.path()};
};

}  // namespace

TEST("start() touches neither the dbpath nor the network on the caller's thread") {
    for (int i = 0; i < kHandles; ++i) {
        const Server server;
        set(server.telemetry(), "perconaTelemetryGracePeriod", "604800");
        Watch watch(server.dbpath.path());
        watch.released.open();
        isInStart = true;
        server.telemetry().start({server.dbpath.path(), kVersion});
        isInStart = false;
        server.host->waitFor("Telemetry enabled");
        server.stop();
        expectEqual("what start() touches", joined({kHostFile}), joined(watch.touched));
        watch.entered.expectPassed("this program's open64 is the one in use");
    }
}

TEST("no call hangs with the dbpath") {
    Blocked blocked;
    const Server& server = blocked.server;
    server.expectStatus({{"state", "waiting"}, {"instanceId", "null"}});
    expectEqual("perconaTelemetry", "true", server.telemetry().get("perconaTelemetry").text);
    switchAtRuntime(server.telemetry(), false);
    server.expectStatus({{"state", "off"}});
    switchAtRuntime(server.telemetry(), true);
    server.expectStatus({{"state", "waiting"}});

    blocked.watch.released.open();
    server.host->waitFor(kDelivered);
    server.stop();
    expectEqual("requests", 1U, blocked.receiver.requests().size());
}

TEST("an opt-out holds at once and is stored when the dbpath is back") {
    Blocked blocked;
    const Server& server = blocked.server;
    switchAtRuntime(server.telemetry(), false);
    blocked.watch.released.open();
    server.waitUntilOptOutIsStored();
    server.stop();
    server.expectStatus({{"state", "off"}});
    expectEqual("telemetry_uuid, made while off", "optOut:1\n",
                contentOf(server.dbpath.path(kFileName)));
    expectEqual("connections", 0U, blocked.receiver.connections());
}

TEST("stop() detaches a thread that hangs in the dbpath, and it does nothing more") {
    Blocked blocked;
    bool hasEnded = true;
    const Millis took = timed([&] { hasEnded = blocked.server.telemetry().stop(kStopBudget); });
    expect(!hasEnded, "stop() says that a thread hangs", "it says that it has ended");
    expect(took < kTimeout / 4, "stop() returns at its deadline",
           std::to_string(took.count()) + " ms");
    blocked.server.handle.reset();

    blocked.watch.released.open();
    waitUntilLibraryThreadsAreGone();
    expectEqual("lines after stop()", joined({}), joined(blocked.server.host->lines()));
    blocked.server.dbpath.expectEmpty();
    expectEqual("connections", 0U, blocked.receiver.connections());
}

int main() {
    return prove();
}
