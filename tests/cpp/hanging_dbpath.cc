// A dbpath on a network file system that hangs: whoever opens it is blocked in the kernel.
//
// This program's open64 takes the place of libc's, and blocks in one path until it is released.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdarg>
#include <memory>
#include <mutex>
#include <string>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace {

// The path that hangs, if one does.
class HangingPath {
public:
    void hangIn(const std::string& path) {
        const std::lock_guard<std::mutex> lock(_mutex);
        _path = path;
        _isEntered = false;
    }

    void release() {
        const std::lock_guard<std::mutex> lock(_mutex);
        _path.clear();
        _changed.notify_all();
    }

    void enter(const std::string& path) {
        std::unique_lock<std::mutex> lock(_mutex);
        if (path == _path) {
            _isEntered = true;
            _changed.notify_all();
            _changed.wait(lock, [this] { return _path.empty(); });
        }
    }

    bool waitUntilEntered() {
        std::unique_lock<std::mutex> lock(_mutex);
        return _changed.wait_for(lock, consumer::kPatience, [this] { return _isEntered; });
    }

private:
    std::mutex _mutex;
    std::condition_variable _changed;
    std::string _path;
    bool _isEntered = false;
};

HangingPath& hangingPath() {
    static HangingPath path;
    return path;
}

}  // namespace

extern "C" int open64(const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    hangingPath().enter(path);
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

namespace consumer {
namespace {

// An instance whose thread is blocked in its dbpath.
class Blocked {
public:
    Blocked() {
        hangingPath().hangIn(dbpath.path());
        start(*telemetry, dbpath, receiver.url());
        expect(hangingPath().waitUntilEntered(),
               "the library's thread opens the dbpath: this program's open64 is the one in use",
               "it was not called");
    }
    ~Blocked() {
        hangingPath().release();
        telemetry.reset();
        waitUntilLibraryThreadsAreGone();
    }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const std::shared_ptr<RecordingHost> host = std::make_shared<RecordingHost>();
    std::unique_ptr<Telemetry> telemetry = std::make_unique<Telemetry>(host);
};

void noCallHangs() {
    Blocked blocked;
    Telemetry& telemetry = *blocked.telemetry;
    expectEqual("state", "waiting", state(telemetry));
    expectEqual("perconaTelemetry", "true", telemetry.get("perconaTelemetry").text);
    expectEqual("instanceId", "null", member(telemetry, "instanceId"));
    switchAtRuntime(telemetry, false);
    expectEqual("state", "off", state(telemetry));
    switchAtRuntime(telemetry, true);
    expectEqual("state", "waiting", state(telemetry));

    hangingPath().release();
    blocked.host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("requests", 1U, blocked.receiver.requests().size());
}

void anOptOutIsStoredOnceItCan() {
    Blocked blocked;
    Telemetry& telemetry = *blocked.telemetry;
    switchAtRuntime(telemetry, false);
    hangingPath().release();
    eventually("the opt-out is stored", [&] { return stored(blocked.dbpath, "optOut") == "1"; });
    expectStopped(telemetry);
    expectEqual("state", "off", state(telemetry));
    expectEqual("telemetry_uuid, made while off", "optOut:1\n",
                contentOf(blocked.dbpath.path(kFileName)));
    expectEqual("connections", 0U, blocked.receiver.connections());
}

void stopLeavesItBehind() {
    Blocked blocked;
    bool hasEnded = true;
    const Millis took = timed([&] { hasEnded = blocked.telemetry->stop(kStopBudget); });
    expect(!hasEnded, "stop() says that the thread was left behind", "it says that it has ended");
    expect(took < kPatience / 4, "stop() returns at its deadline",
           std::to_string(took.count()) + " ms");
    blocked.telemetry.reset();

    hangingPath().release();
    waitUntilLibraryThreadsAreGone();
    expect(blocked.host->lines().empty(), "nothing is logged after stop()",
           joined(blocked.host->lines()));
    expect(blocked.dbpath.names().empty(), "nothing is written after stop()",
           joined(blocked.dbpath.names()));
    expectEqual("connections", 0U, blocked.receiver.connections());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"no call hangs with the dbpath", noCallHangs},
        {"an opt-out holds at once and is stored when the dbpath is back",
         anOptOutIsStoredOnceItCan},
        {"stop() leaves a thread behind that hangs in the dbpath, and it does nothing more",
         stopLeavesItBehind},
    });
}
