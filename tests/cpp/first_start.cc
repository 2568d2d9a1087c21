// The main job, by a program that knows the header alone.

#include "psmdb_telemetry/telemetry.h"

#include "support.h"

using namespace consumer;

TEST("the first start stores an identity and delivers one report, the second sends nothing") {
    Receiver receiver = Receiver::answering();
    const Server server;
    server.expectStatus({{"state", "stopped"}});
    server.dbpath.expectEmpty();

    server.deliver(receiver.url());
    server.expectStatus({{"destination", receiver.url()}});
    const std::string instanceId = member(server.telemetry(), "instanceId");
    server.stop();
    server.expectStatus({{"state", "sent"}});

    const Request request = receiver.requests().at(0);
    expectEqual("request line", "POST /v1/telemetry/GenericReport HTTP/1.1\r\n",
                request.head.substr(0, request.head.find("content-length")));
    expectContains("head", "\r\ncontent-type: application/json\r\n", request.head);
    expectContains("body", "\"instanceId\":\"" + instanceId + "\"", request.body);
    expectContains("body", R"({"key":"pillar_version","value":"4.4.26-25"})", request.body);

    expectEqual("files in the dbpath", joined({kFileName}), joined(server.dbpath.names()));
    server.expectStored("instanceId", instanceId);
    server.expectStored("PRODUCT_FAMILY_PSMDB", "1");
    expectEqual("lines in the log", 2U, server.host->lines().size());
    expectContains("first line", "Telemetry enabled decidedBy=\"default\"",
                   server.host->lines().front());
    server.host->expectNoWarning();

    const std::string before = contentOf(server.dbpath.path(kFileName));
    const auto host = std::make_shared<RecordingHost>();
    Telemetry second(host);
    start(second, server.dbpath, receiver.url());
    host->waitFor("report already delivered");
    expectEqual("instanceId of the second", instanceId, member(second, "instanceId"));
    expectStopped(second);
    expectEqual("connections after both", 1U, receiver.connections());
    expectEqual("the file after the second", before, contentOf(server.dbpath.path(kFileName)));
    expectEqual("lines of the second", 1U, host->lines().size());
}

int main() {
    return prove();
}
