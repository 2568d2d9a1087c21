// The server forks. Before start(), as every server does: the handle is made and its parameters are
// set in the parent, and the child starts it. After start(): the child gets a copy of everything
// but the threads, of locks that may be held by a thread it does not have, and of the connection.

#include <sched.h>

#include <cstring>

#include "support.h"

using namespace consumer;

namespace {

constexpr unsigned kCallers = 3;

// Everything that a child may call.
void expectUseless(std::unique_ptr<Telemetry>& telemetry, const TempDir& dbpath) {
    const auto read = telemetry->get("perconaTelemetryUrl");
    expect(read.code == Code::internal, "get() in the child fails", read.text);
    expectContains("get() in the child", "forked", read.text);
    for (const When when : {When::startup, When::runtime}) {
        const auto written = telemetry->set("perconaTelemetry", "false", when);
        expect(written.code == Code::internal, "set() in the child fails", written.text);
    }
    expectEqual("status() in the child", "{}", telemetry->status());
    telemetry->start({dbpath.path(), kVersion});
    expectEqual("threads in the child", 1U, threads().size());
    const Millis took = timed([&] { expectStopped(*telemetry); });
    expect(took < kTimeout / 4, "stop() in the child waits for nothing",
           std::to_string(took.count()) + " ms");
    telemetry.reset();
}

// A child of the first process of a PID namespace has the same process id if it is the first of
// one, too.
void enterPidNamespace() {
    if (::unshare(CLONE_NEWPID) != 0) {
        throw Skipped("no PID namespace can be made: " + std::string(std::strerror(errno)));
    }
}

}  // namespace

TEST("a handle made before the fork starts after it") {
    const TempDir outbox;
    const Server server;
    set(server.telemetry(), "perconaTelemetryUrl", "file://" + outbox.path());
    inChild("the server after its fork", [&] {
        server.telemetry().start({server.dbpath.path(), kVersion});
        server.host->waitFor(kDelivered);
        server.expectStatus({{"state", "sent"}});
        server.stop();
    });
    const std::string instanceId = stored(server.dbpath, "instanceId");
    expectEqual("reports in the outbox", 1U, outbox.names().size());
    expectContains("name of the report", "-" + instanceId + ".json", outbox.names().front());
    server.expectStatus({{"state", "stopped"}});
    server.stop();
    expectEqual("lines in the parent's log", 0U, server.host->lines().size());
}

TEST("a child forked while an attempt runs does nothing, and the parent goes on") {
    ::setenv("PERCONA_SEND_TIMEOUT", "3600", 1);  // however long this takes here
    Receiver receiver = Receiver::silent();
    Server server;
    server.start(receiver.url());
    receiver.waitForRequests(1);
    inChild("while an attempt runs", [&] { expectUseless(server.handle, server.dbpath); });
    server.expectStatus({{"state", "sending"}});
    receiver.answerAll();
    server.host->waitFor(kDelivered);
    expectEqual("connections", 1U, receiver.connections());
    expectEqual("lines in the log: on, and delivered", 2U, server.host->lines().size());
    server.expectStored("optOut", "");
    server.stop();
    inChild("after the end", [&] { expectUseless(server.handle, server.dbpath); });
}

// A lock is held for an instant now and then: many forks, while others call.
TEST("no lock of the parent holds a child up") {
    const int forks = repetitions("TELEMETRY_FORKS", 300);
    Receiver receiver = Receiver::silent();
    Server server;
    server.start(receiver.url());
    receiver.waitForRequests(1);
    std::atomic<bool> isOver{false};
    std::vector<std::thread> callers;
    for (unsigned i = 0; i < kCallers; ++i) {
        callers.emplace_back([&] {
            while (!isOver) {
                std::ignore = server.telemetry().get("perconaTelemetryUrl");
            }
        });
    }
    std::string failure;
    try {
        for (int i = 0; i < forks; ++i) {
            inChild("fork " + std::to_string(i),
                    [&] { expectUseless(server.handle, server.dbpath); });
        }
    } catch (const std::exception& inTheChild) {
        failure = inTheChild.what();
    }
    isOver = true;
    for (std::thread& caller : callers) {
        caller.join();
    }
    expect(failure.empty(), "each child ends", failure);
    expectEqual("connections", 1U, receiver.connections());
    server.stop();
    std::cout << "   " << forks << " forks while " << kCallers << " threads called" << std::endl;
}

TEST("a copy in a PID namespace of its own is one, though it has the same process id") {
    inChild("the first process outside", [] {
        enterPidNamespace();
        inChild("the server, first in its namespace", [] {
            expectEqual("the server's process id", 1, ::getpid());
            Receiver receiver = Receiver::silent();
            Server server;
            server.start(receiver.url());
            receiver.waitForRequests(1);
            enterPidNamespace();
            inChild("the copy, first in another", [&] {
                expectEqual("the copy's process id", 1, ::getpid());
                expectUseless(server.handle, server.dbpath);
            });
            server.expectStatus({{"state", "sending"}});
            expectEqual("lines in the log", 1U, server.host->lines().size());
            server.stop();
        });
    });
}

int main() {
    return prove();
}
