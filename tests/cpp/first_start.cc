// The main job, by a C++ program. (Each byte of it: tests/first_start.rs and second_start.rs.)

#include "support.h"

using namespace consumer;

TEST("the first start stores an identity and delivers one report, the second sends nothing") {
    Receiver receiver = Receiver::answering();
    const Server server;
    server.deliver(receiver.url());
    server.stop();
    const std::string instanceId = member(server.telemetry(), "instanceId");
    server.expectStored("instanceId", instanceId);
    expectContains("body", "\"instanceId\":\"" + instanceId + "\"", receiver.requests().at(0).body);

    const auto host = std::make_shared<RecordingHost>();
    Telemetry second(host);
    start(second, server.dbpath, receiver.url());
    host->waitFor("report already delivered");
    expectEqual("instanceId of the second", instanceId, member(second, "instanceId"));
    expectStopped(second);
    expectEqual("connections after both", 1U, receiver.connections());
}

int main() {
    return prove();
}
