// As a server does: the handle is made and its parameters are set before the fork, and the child
// starts it.

#include <sched.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace consumer {
namespace {

constexpr int kDelivered = 0;
constexpr int kFailed = 1;

int runChild(Telemetry& telemetry, RecordingHost& host, const TempDir& dbpath) {
    try {
        telemetry.start({dbpath.path(), kVersion});
        host.waitFor("Telemetry report delivered");
        expectEqual("state in the child", "sent", state(telemetry));
        expectStopped(telemetry);
        return kDelivered;
    } catch (const std::exception& failure) {
        std::cout << "in the child: " << failure.what() << std::endl;
        return kFailed;
    }
}

void aHandleMadeBeforeTheForkStartsAfterIt() {
    const TempDir dbpath;
    const TempDir outbox;
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    set(telemetry, "perconaTelemetryUrl", "file://" + outbox.path());

    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(kSecondsUntilKilled);  // a child does not inherit it
        ::_exit(runChild(telemetry, *host, dbpath));
    }
    expect(child > 0, "fork()", std::to_string(errno));
    int status = 0;
    expectEqual("waitpid()", child, ::waitpid(child, &status, 0));
    expect(WIFEXITED(status) && WEXITSTATUS(status) == kDelivered, "the child delivers and ends",
           "wait status " + std::to_string(status));

    const std::string instanceId = stored(dbpath, "instanceId");
    expectEqual("reports in the outbox", 1U, outbox.names().size());
    expectContains("name of the report", "-" + instanceId + ".json", outbox.names().front());
    expectContains("the report", instanceId, contentOf(outbox.path(outbox.names().front())));

    expectEqual("state in the parent", "stopped", state(telemetry));
    expectStopped(telemetry);
    expectEqual("lines in the parent's log", 0U, host->lines().size());
}

// A child of the first process of a PID namespace has the same process id if it is the first of
// one, too.
void enterPidNamespace() {
    if (::unshare(CLONE_NEWPID) != 0) {
        throw Skipped("no PID namespace can be made: " + std::string(std::strerror(errno)));
    }
}

void aCopyWithTheSameProcessIdIsOneToo() {
    inChild("the first process outside", [] {
        enterPidNamespace();
        inChild("the server, first in its namespace", [] {
            expectEqual("the server's process id", 1, ::getpid());
            const TempDir dbpath;
            Receiver receiver = Receiver::silent();
            const auto host = std::make_shared<RecordingHost>();
            Telemetry telemetry(host);
            start(telemetry, dbpath, receiver.url());
            receiver.waitForRequests(1);
            const std::size_t lines = host->lines().size();
            enterPidNamespace();
            inChild("the copy, first in another", [&] {
                expectEqual("the copy's process id", 1, ::getpid());
                const auto refused = telemetry.set("perconaTelemetry", "false", When::runtime);
                expect(refused.code == psmdb::telemetry::Code::internal, "set() is refused",
                       refused.text);
                expectEqual("status", "{}", telemetry.status());
                expectStopped(telemetry);
            });
            expectEqual("state in the server", "sending", state(telemetry));
            expectEqual("lines in the log", lines, host->lines().size());
            expectStopped(telemetry);
        });
    });
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"a handle made before the fork starts after it", aHandleMadeBeforeTheForkStartsAfterIt},
        {"a copy in a PID namespace of its own is one, though it has the same process id",
         aCopyWithTheSameProcessIdIsOneToo},
    });
}
