// The main job, by a program that knows the header alone.

#include "psmdb_telemetry/telemetry.h"

#include <sys/stat.h>

#include <memory>
#include <string>

#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

void theFirstStartReportsAndTheSecondDoesNot() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    std::string instanceId;
    {
        Telemetry telemetry(host);
        expectEqual("state before the start", "stopped", state(telemetry));
        expect(dbpath.names().empty() && receiver.connections() == 0,
               "making a Telemetry starts nothing", joined(dbpath.names()));

        start(telemetry, dbpath, receiver.url());
        host->waitFor("Telemetry report delivered");
        expectEqual("state", "sent", state(telemetry));
        expectEqual("attempts", "1", member(telemetry, "attempts"));
        expectEqual("lastError", "null", member(telemetry, "lastError"));
        expectEqual("destination", receiver.url(), member(telemetry, "destination"));
        instanceId = member(telemetry, "instanceId");
        expectStopped(telemetry);
        expectEqual("state after stop", "sent", state(telemetry));
    }

    expectEqual("requests", 1U, receiver.requests().size());
    const Request request = receiver.requests().front();
    expectEqual("request line", "POST /v1/telemetry/GenericReport HTTP/1.1",
                request.head.substr(0, request.head.find("\r\n")));
    expectEqual("content-type", "application/json", request.header("content-type"));
    expectContains("user-agent", "psmdb-telemetry/", request.header("user-agent"));
    expectEqual("body begins with", "{\"reports\":[{\"id\":\"", request.body.substr(0, 19));
    expectContains("body", "\"instanceId\":\"" + instanceId + "\"", request.body);
    expectContains("body", "{\"key\":\"pillar_version\",\"value\":\"4.4.26-25\"}", request.body);

    expectEqual("files in the dbpath", joined({kFileName}), joined(dbpath.names()));
    struct stat file {};
    expectEqual("stat", 0, ::stat(dbpath.path(kFileName).c_str(), &file));
    expectEqual("mode of telemetry_uuid", 0600U, file.st_mode & 07777U);
    expectEqual("stored instanceId", instanceId, stored(dbpath, "instanceId"));
    expectEqual("stored mark", "1", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));

    expectEqual("lines in the log", 2U, host->lines().size());
    expectContains("first line", "Telemetry enabled decidedBy=\"default\"", host->lines().front());
    expectEqual("warnings", 0U, host->warnings().size());

    const std::string before = contentOf(dbpath.path(kFileName));
    const auto secondHost = std::make_shared<RecordingHost>();
    Telemetry second(secondHost);
    start(second, dbpath, receiver.url());
    secondHost->waitFor("report already delivered");
    expectEqual("state of the second", "sent", state(second));
    expectEqual("instanceId of the second", instanceId, member(second, "instanceId"));
    expectEqual("attempts of the second", "0", member(second, "attempts"));
    expectStopped(second);
    expectEqual("connections after both", 1U, receiver.connections());
    expectEqual("the file after the second", before, contentOf(dbpath.path(kFileName)));
    expectEqual("lines of the second", 1U, secondHost->lines().size());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the first start stores an identity and delivers one report, the second sends nothing",
         theFirstStartReportsAndTheSecondDoesNot},
    });
}
