// The C library fails in the threads of the unmodified archive, and in the caller's.
//
// This program's functions take the place of libc's. clock_gettime fails as libc's never does:
// Rust's standard library panics then, and that is a state. pthread_create fails as at the limit of
// threads, which is another.

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "support.h"

using namespace consumer;

namespace {

enum class Call { none, clock, thread };
enum class Victim { everybody, caller, worker, attempt };

std::atomic<Call> failing{Call::none};
std::atomic<Victim> victim{Victim::everybody};
std::atomic<int> failures{0};
thread_local bool isCaller = false;

bool isVictim() noexcept {
    switch (victim) {
        case Victim::everybody:
            return true;
        case Victim::caller:
            return isCaller;
        default:
            std::array<char, 16> name{};
            ::prctl(PR_GET_NAME, name.data());
            return std::string_view(name.data()) ==
                   (victim == Victim::worker ? "PsmdbTelemetry" : "PsmdbTelemetryS");
    }
}

bool fails(Call call) noexcept {
    const bool isFailure = failing == call && isVictim();
    failures += isFailure ? 1 : 0;
    return isFailure;
}

// While `body` runs, the call fails for the victim, and it is made.
void whileFailing(Call call, Victim whose, const std::function<void()>& body) {
    struct Restored {
        ~Restored() {
            failing = Call::none;
        }
    };
    const Restored restored;
    isCaller = true;
    failures = 0;
    victim = whose;
    failing = call;
    body();
    expect(failures > 0, "the call failed: this program's function is the one in use",
           "it was not called");
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (fails(Call::clock)) {
        errno = EINVAL;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
}

using Body = void* (*)(void*);

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, Body body,
                              void* argument) noexcept {
    if (fails(Call::thread)) {
        return EAGAIN;
    }
    static const auto create =
        reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    return create(thread, attributes, body, argument);
}

namespace {

void expectSwitchedOff(const Server& server) {
    server.expectFailed("internal error");
    server.expectStatus({{"decidedBy", "internal error"}});
    expectEqual("perconaTelemetry", "false", server.telemetry().get("perconaTelemetry").text);
    for (const char* const value : {"true", "false"}) {
        const auto result = server.telemetry().set("perconaTelemetry", value, When::runtime);
        expect(result.code == Code::internal && !result.text.empty(),
               "a later set() is refused with Code::internal and says why", result.text);
    }
    waitUntilLibraryThreadsAreGone();
    server.stop();
}

constexpr const char* kReason = "Resource temporarily unavailable";

void expectSwitchingOffAndOnRecovers(const Server& server) {
    switchAtRuntime(server.telemetry(), false);
    server.expectStatus({{"state", "off"}});
    switchAtRuntime(server.telemetry(), true);
    server.host->waitFor(kDelivered);
    server.expectStatus({{"state", "sent"}, {"lastError", "null"}});
    server.host->expectOneWarning(kReason);
}

}  // namespace

TEST("a panic on the library's thread or in an attempt switches telemetry off, and nothing else") {
    for (const Victim whose : {Victim::worker, Victim::attempt}) {
        Receiver receiver = Receiver::answering();
        const Server server;
        whileFailing(Call::clock, whose,
                     [&] { server.startUntil("internal error", receiver.url()); });
        expectSwitchedOff(server);
        expectEqual("requests", 0U, receiver.requests().size());
    }
}

TEST("a panic in start() switches telemetry off, and does not disturb another instance") {
    Receiver receiver = Receiver::answering();
    const Server server;
    const Server other;
    whileFailing(Call::clock, Victim::caller, [&] { server.start(receiver.url()); });
    other.deliver(receiver.url());
    other.stop();
    expectSwitchedOff(server);
    server.dbpath.expectEmpty();
    expectEqual("connections", 1U, receiver.connections());
}

TEST("a panic in stop() does not end the process, and stop() can be called again") {
    Receiver receiver = Receiver::answering();
    const Server server;
    server.startUntil(kDelivered, receiver.url());
    waitUntilLibraryThreadsAreGone();
    whileFailing(Call::clock, Victim::caller, [&] { server.telemetry().stop(kStopBudget); });
    server.stop();
}

TEST("a panic while the handle is made leaves one that refuses everything") {
    std::unique_ptr<Server> server;
    whileFailing(Call::clock, Victim::caller, [&] { server = std::make_unique<Server>(); });
    server->telemetry().start({server->dbpath.path(), kVersion});
    expectSwitchedOff(*server);
    server->dbpath.expectEmpty();
}

TEST("start() without a thread fails telemetry, and it can be switched on later") {
    Receiver receiver = Receiver::answering();
    const Server server;
    whileFailing(Call::thread, Victim::everybody, [&] { server.start(receiver.url()); });
    server.expectFailed(kReason);
    expectEqual("perconaTelemetry", "true", server.telemetry().get("perconaTelemetry").text);
    server.dbpath.expectEmpty();
    expectSwitchingOffAndOnRecovers(server);
    expectEqual("connections", 1U, receiver.connections());
}

TEST("an attempt without a thread fails telemetry, and it can be switched on later") {
    Receiver receiver = Receiver::answering();
    const Server server;
    whileFailing(Call::thread, Victim::worker, [&] { server.startUntil(kReason, receiver.url()); });
    server.expectFailed(kReason);
    expectEqual("connections", 0U, receiver.connections());
    waitUntilLibraryThreadsAreGone();
    const std::string reportId = stored(server.dbpath, "reportId");
    expectEqual("length of the stored id", 36U, reportId.size());
    expectSwitchingOffAndOnRecovers(server);
    expectContains("body", "[{\"id\":\"" + reportId, receiver.requests().at(0).body);
}

TEST("an opt-out without a thread holds, says that it is not stored, and can be repeated") {
    Receiver receiver = Receiver::answering();
    const Server server;
    server.startUntil(kDelivered, receiver.url());
    waitUntilLibraryThreadsAreGone();
    whileFailing(Call::thread, Victim::everybody,
                 [&] { switchAtRuntime(server.telemetry(), false); });
    server.expectStatus({{"state", "off"}, {"decidedBy", "perconaTelemetry"}});
    expectContains("lastError", kReason, member(server.telemetry(), "lastError"));
    server.host->expectOneWarning("opt-out not stored");
    server.host->expectOneWarning(kReason);
    server.expectStored("optOut", "");

    switchAtRuntime(server.telemetry(), false);
    server.waitUntilOptOutIsStored();
    server.stop();
    expectEqual("connections", 1U, receiver.connections());
}

int main() {
    return prove();
}
