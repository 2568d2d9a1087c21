// The limit of threads is reached: no thread can be had, by the server's call or by the library.
//
// This program's pthread_create takes the place of libc's, and fails for the callers that are
// chosen as libc's does at the limit.

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace {

enum class Refused { nobody, everybody, worker };

std::atomic<Refused> refused{Refused::nobody};
std::atomic<int> refusals{0};

bool isCalledByWorker() {
    std::array<char, 16> name{};
    ::prctl(PR_GET_NAME, name.data());
    return std::string_view(name.data()) == "PsmdbTelemetry";
}

using Body = void* (*)(void*);
using PthreadCreate = int (*)(pthread_t*, const pthread_attr_t*, Body, void*);

PthreadCreate realPthreadCreate() {
    void* const symbol = ::dlsym(RTLD_NEXT, "pthread_create");
    PthreadCreate function = nullptr;
    std::memcpy(&function, &symbol, sizeof(function));
    return function;
}

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, Body body,
                              void* argument) noexcept {
    if (refused == Refused::everybody || (refused == Refused::worker && isCalledByWorker())) {
        ++refusals;
        return EAGAIN;
    }
    static const PthreadCreate create = realPthreadCreate();
    return create(thread, attributes, body, argument);
}

namespace consumer {
namespace {

// While it lives, threads are refused.
class ThreadLimit {
public:
    explicit ThreadLimit(Refused whom) {
        refusals = 0;
        refused = whom;
    }
    ~ThreadLimit() {
        refused = Refused::nobody;
    }
    ThreadLimit(const ThreadLimit&) = delete;
    ThreadLimit& operator=(const ThreadLimit&) = delete;

    static void expectReached() {
        expect(refusals > 0,
               "a thread was refused: this program's pthread_create is the one in use",
               "none was asked for");
    }
};

constexpr const char* kReason = "Resource temporarily unavailable";

void switchingOffAndOnRecovers(Telemetry& telemetry, RecordingHost& host) {
    switchAtRuntime(telemetry, false);
    expectEqual("state when switched off", "off", state(telemetry));
    switchAtRuntime(telemetry, true);
    host.waitFor("Telemetry report delivered");
    expectEqual("state when switched on again", "sent", state(telemetry));
    expectEqual("lastError when switched on again", "null", member(telemetry, "lastError"));
    expectStopped(telemetry);
}

void forTheStart() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    {
        const ThreadLimit limit(Refused::everybody);
        start(telemetry, dbpath, receiver.url());
        ThreadLimit::expectReached();
    }
    expectEqual("state", "failed", state(telemetry));
    expectContains("lastError", kReason, member(telemetry, "lastError"));
    expectEqual("perconaTelemetry", "true", telemetry.get("perconaTelemetry").text);
    host->expectOneWarning(kReason);
    expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
    expectEqual("connections", 0U, receiver.connections());

    switchingOffAndOnRecovers(telemetry, *host);
    host->expectOneWarning(kReason);
}

void forAnAttempt() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    {
        const ThreadLimit limit(Refused::worker);
        start(telemetry, dbpath, receiver.url());
        host->waitFor(kReason);
        ThreadLimit::expectReached();
    }
    expectEqual("state", "failed", state(telemetry));
    expectContains("lastError", kReason, member(telemetry, "lastError"));
    host->expectOneWarning(kReason);
    expectEqual("connections", 0U, receiver.connections());
    waitUntilLibraryThreadsAreGone();

    const std::string instanceId = stored(dbpath, "instanceId");
    const std::string reportId = stored(dbpath, "reportId");
    expectEqual("length of the stored id", 36U, instanceId.size());
    switchingOffAndOnRecovers(telemetry, *host);
    expectContains("body", "[{\"id\":\"" + reportId, receiver.requests().front().body);
    expectEqual("stored instanceId", instanceId, stored(dbpath, "instanceId"));
}

void forAnOptOut() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    waitUntilLibraryThreadsAreGone();
    {
        const ThreadLimit limit(Refused::everybody);
        switchAtRuntime(telemetry, false);
        ThreadLimit::expectReached();
    }
    expectEqual("state", "off", state(telemetry));
    expectEqual("decidedBy", "perconaTelemetry", member(telemetry, "decidedBy"));
    expectContains("lastError", kReason, member(telemetry, "lastError"));
    host->expectOneWarning("opt-out not stored");
    host->expectOneWarning(kReason);
    expectEqual("stored optOut", "", stored(dbpath, "optOut"));

    switchAtRuntime(telemetry, false);
    eventually("the second opt-out is stored", [&] { return stored(dbpath, "optOut") == "1"; });
    expectStopped(telemetry);
    expectEqual("connections", 1U, receiver.connections());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"start() without a thread fails telemetry, and it can be switched on later", forTheStart},
        {"an attempt without a thread fails telemetry, and it can be switched on later",
         forAnAttempt},
        {"an opt-out without a thread holds, says that it is not stored, and can be repeated",
         forAnOptOut},
    });
}
