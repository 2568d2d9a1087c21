// The server's callbacks throw, take their time, and call the library from inside the library's
// threads: they read, they switch, they stop it, they destroy the handle.

#include <future>

#include "support.h"

using namespace consumer;

namespace {

// Does something in the first log() or in the first post() that comes from the library's thread,
// and answers 200.
class CallingHost : public HostWithClient {
public:
    enum class In { log, post };

    CallingHost(In in, std::function<void()> act) : _in(in), _act(std::move(act)) {
    }

    void log(const LogEvent& event) override {
        RecordingHost::log(event);
        actOnce(In::log);
    }

    HttpResponse post(const HttpRequest&) override {
        actOnce(In::post);
        static_cast<void>(lines());  // for the lock: see ~RecordingHost()
        return {200, "", ""};
    }

    Gate acted;

private:
    void actOnce(In in) {
        if (in == _in && !_hasActed.exchange(true)) {
            _act();
            acted.open();
        }
    }

    const In _in;
    const std::function<void()> _act;
    std::atomic<bool> _hasActed{false};
};

using In = CallingHost::In;

// A server whose callback does something to it, once start() has returned: the handle must not be
// destroyed before that.
struct CalledBack {
    CalledBack(In in, std::function<void(Server&)> act) {
        const auto host = std::make_shared<CallingHost>(in, [this, act = std::move(act)] {
            started.expectPassed("start() returns");
            act(*server);
        });
        server = std::make_unique<Server>(host);
        server->start(kNowhere);
        started.open();
        host->acted.expectPassed("what the callback calls returns");
    }

    // ThreadSanitizer does not see the locks that keep the host until its last log() is over; this
    // one it does.
    ~CalledBack() {
        server->handle.reset();
        if (server->host) {
            static_cast<void>(server->host->lines());
        }
    }

    Gate started;
    std::unique_ptr<Server> server;
};

// A server whose log() blocks, on the library's thread, until it is released.
struct BlockedInLog {
    BlockedInLog() {
        server.start(receiver.url());
        entered.expectPassed("log() is called");
    }

    const std::thread::id caller = std::this_thread::get_id();
    Gate entered;
    Gate release;
    Receiver receiver = Receiver::answering();
    const Server server{std::make_shared<ActingHost>([this] {
        if (std::this_thread::get_id() != caller) {
            entered.open();
            release.pass();
        }
    })};
};

class UndecidedHost : public RecordingHost {
public:
    std::shared_ptr<HttpClient> httpClient() override {
        throw std::runtime_error("not decided yet");
    }
};

}  // namespace

TEST("what log() throws is ignored") {
    for (const bool isException : {true, false}) {
        Receiver receiver = Receiver::answering();
        const auto host = std::make_shared<ActingHost>([=] {
            if (isException) {
                throw std::runtime_error("the disk of the log is full");
            }
            throw 7;
        });
        const Server server(host);
        server.startUntil(kDelivered, receiver.url());
        waitUntilLibraryThreadsAreGone();
        server.expectStatus({{"state", "sent"}, {"lastError", "null"}});
        server.stop();

        const Server quiet(host);  // the line is written by the thread that calls start()
        quiet.startSwitchedOff();
        quiet.expectStatus({{"state", "off"}});
    }
}

TEST("an httpClient() that throws offers nothing") {
    Receiver receiver = Receiver::answering();
    const Server server(std::make_shared<UndecidedHost>());
    server.deliver(receiver.url());
    expectEqual("connections of the library itself", 1U, receiver.connections());
}

TEST("stop() waits for a log() that runs, on the library's thread or on a caller's") {
    for (const bool isOnCallers : {false, true}) {
        Receiver receiver = Receiver::answering();
        Gate entered;
        std::atomic<bool> isRunning{false};
        const auto host = std::make_shared<ActingHost>([&] {
            isRunning = true;
            entered.open();
            std::this_thread::sleep_for(std::chrono::milliseconds(200));  // a slow disk
            isRunning = false;
        });
        const Server server(host);
        const auto started = std::async(std::launch::async, [&] {
            isOnCallers ? server.startSwitchedOff() : server.start(receiver.url());
        });
        entered.expectPassed("log() is called");
        server.stop();
        expect(!isRunning, "no log() runs when stop() has returned", "one runs");
        host->isStopped = true;
        waitUntilLibraryThreadsAreGone();
        expectEqual("log() calls begun after stop()", 0, host->lateLines.load());
    }
}

TEST("stop() waits for a log() that runs no longer than its deadline, and not at all without one") {
    for (const auto deadline : {kStopBudget, std::chrono::milliseconds(-1)}) {
        BlockedInLog blocked;
        bool hasEnded = true;
        const Millis took = timed([&] { hasEnded = blocked.server.telemetry().stop(deadline); });
        blocked.release.open();
        expect(!hasEnded, "stop() is false while log() runs", "true");
        expect(took >= deadline && took < kTimeout / 4, "stop() returns at its deadline",
               std::to_string(took.count()) + " ms");
        blocked.server.stop();
        waitUntilLibraryThreadsAreGone();
        expectEqual("lines in the log", 1U, blocked.server.host->lines().size());
    }
}

TEST("a log() that blocks holds up no other call") {
    BlockedInLog blocked;
    const Server& server = blocked.server;
    expectEqual("perconaTelemetry", "true", server.telemetry().get("perconaTelemetry").text);
    server.expectStatus({{"state", "waiting"}});
    switchAtRuntime(server.telemetry(), false);
    server.expectStatus({{"state", "off"}});
    server.telemetry().start({server.dbpath.path(), kVersion});
    blocked.release.open();
    server.waitUntilOptOutIsStored();
    server.stop();
    expectEqual("connections", 0U, blocked.receiver.connections());
}

TEST("log() and post() may read and set parameters, and start again") {
    for (const In in : {In::log, In::post}) {
        const CalledBack called(in, [&](Server& server) {
            Telemetry& telemetry = server.telemetry();
            server.expectStatus({{"state", in == In::log ? "waiting" : "sending"}});
            std::ignore = telemetry.get("perconaTelemetryUrl");
            std::ignore = telemetry.set("perconaTelemetryGracePeriod", "1", When::startup);
            switchAtRuntime(telemetry, true);
            telemetry.start({"/nowhere", kVersion});
        });
        called.server->host->waitFor(kDelivered);
        waitForState(called.server->telemetry(), "sent");
        called.server->stop();
        called.server->host->expectNoWarning();
        expectEqual("lines: on, started again, delivered", 3U, called.server->host->lines().size());
    }
}

TEST("log() and post() may switch telemetry off") {
    for (const In in : {In::log, In::post}) {
        const CalledBack called(in, [](Server& self) { switchAtRuntime(self.telemetry(), false); });
        const Server& server = *called.server;
        server.waitUntilOptOutIsStored();
        server.expectStatus({{"state", "off"}});
        // A report that the server's client has delivered is delivered.
        server.expectStored("PRODUCT_FAMILY_PSMDB", in == In::post ? "1" : "");
        server.stop();
        waitUntilLibraryThreadsAreGone();
    }
}

TEST("log() and post() may stop the library") {
    for (const In in : {In::log, In::post}) {
        Millis took{};
        const CalledBack called(
            in, [&](Server& self) { took = timed([&] { self.telemetry().stop(kTimeout); }); });
        waitUntilLibraryThreadsAreGone();
        called.server->expectStatus({{"state", "stopped"}});
        expect(took < kTimeout / 4, "stop() does not wait for the callback that calls it",
               std::to_string(took.count()) + " ms");
        expectEqual("lines in the log", 1U, called.server->host->lines().size());
        called.server->stop();
    }
}

TEST("log() may stop the library on the thread that calls start()") {
    Telemetry* self = nullptr;
    const Server server(std::make_shared<ActingHost>([&] { self->stop(kTimeout); }));
    self = &server.telemetry();
    server.startSwitchedOff();
    expectEqual("lines", 1U, server.host->lines().size());
}

TEST("log() and post() may destroy the handle") {
    for (const In in : {In::log, In::post}) {
        const CalledBack called(in, [](Server& self) { self.handle.reset(); });
        const std::weak_ptr<Host> watched = called.server->host;
        called.server->host.reset();
        eventually("the Host goes with the last thread", [&] { return watched.expired(); });
        waitUntilLibraryThreadsAreGone();
    }
}

int main() {
    return prove();
}
