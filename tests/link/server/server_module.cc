// The module in a server of stand-ins: what the server calls, in the order of a server's life.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "mongo/db/commands/server_status.h"
#include "mongo/db/modules/percona_telemetry/retry_after.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/logv2/lines.h"
#include "mongo/util/net/http_client.h"
#include "shape.h"
#include "support.h"

namespace mongo {

void initAndListen();
void shutdownTask();

}  // namespace mongo

namespace consumer {
namespace {

using mongo::BSONElement;
using mongo::BSONType;
using mongo::ErrorCodes;
using mongo::ServerParameterType;
using mongo::Status;

std::string get(const std::string& name) {
    mongo::BSONObjBuilder reply;
    mongo::append(reply, name);
    return reply.fields().at(name);
}

std::string statusMember(const std::string& name) {
    return member(get("perconaTelemetryStatus"), name);
}

void expectOk(const Status& status) {
    expectEqual("reason", "", status.reason());
    expectEqual("code", ErrorCodes::OK, status.code());
}

void expectBadValue(const std::string& words, const Status& status) {
    expectEqual("code", ErrorCodes::BadValue, status.code());
    expectContains("reason", words, status.reason());
}

BSONElement boolean(bool value) {
    return {BSONType::Bool, "", value ? 1.0 : 0.0};
}

void theTableIsRegistered() {
    const std::map<std::string, ServerParameterType> expected = {
        {"perconaTelemetry", ServerParameterType::kStartupAndRuntime},
        {"perconaTelemetryUrl", ServerParameterType::kStartupOnly},
        {"perconaTelemetryGracePeriod", ServerParameterType::kStartupOnly},
        {"perconaTelemetryStatus", ServerParameterType::kRuntimeOnly},
    };
    expectEqual("parameters", expected.size(), mongo::registry().size());
    for (const auto& [name, type] : expected) {
        expect(mongo::parameter(name).type() == type, name + " may be set when the table says",
               "at another time");
    }
}

void badValuesAreRefused() {
    for (const char* const text : {"maybe", "3", "", "True"}) {
        expectBadValue("expected true, false, 1 or 0",
                       mongo::setAtStartup("perconaTelemetry", text));
    }
    expectBadValue("file:///folder", mongo::setAtStartup("perconaTelemetryUrl", "ftp://x/"));
    expectBadValue("from 0 to 604800",
                   mongo::setAtStartup("perconaTelemetryGracePeriod", "604801"));
    expectBadValue(
        "Invalid value for parameter perconaTelemetry: \"maybe\" is not a bool; expected true, ",
        mongo::setAtRuntime("perconaTelemetry", {BSONType::String, "maybe"}));
    expectBadValue("expected true, false, 1 or 0",
                   mongo::setAtRuntime("perconaTelemetry", {BSONType::NumberInt, "", 3}));
    expectBadValue("expected true, false, 1 or 0",
                   mongo::setAtRuntime("perconaTelemetry", {BSONType::NumberDouble, "", 1.5}));
    expectBadValue(
        "NUL", mongo::setAtRuntime("perconaTelemetry", {BSONType::String, std::string("1\0", 2)}));
    expectBadValue("Failed setting perconaTelemetry: a value of type object is not accepted",
                   mongo::setAtRuntime("perconaTelemetry", {BSONType::Object, "{}"}));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
}

void goodValuesAreTaken() {
    expectOk(mongo::setAtStartup("perconaTelemetry", "0"));
    expectEqual("perconaTelemetry", "false", get("perconaTelemetry"));
    expectOk(mongo::setAtRuntime("perconaTelemetry", boolean(true)));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
    expectOk(mongo::setAtRuntime("perconaTelemetry", {BSONType::NumberDouble, "", -0.0}));
    expectEqual("perconaTelemetry", "false", get("perconaTelemetry"));
    expectOk(mongo::setAtRuntime("perconaTelemetry", {BSONType::NumberLong, "", 1}));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
    expectOk(mongo::setAtStartup("perconaTelemetryGracePeriod", "0"));
    expectEqual("perconaTelemetryGracePeriod", "0", get("perconaTelemetryGracePeriod"));
}

void theStatusIsReadOnly() {
    const Status status = mongo::setAtRuntime("perconaTelemetryStatus", boolean(true));
    expectEqual("code", ErrorCodes::BadValue, status.code());
    expectEqual("reason", "perconaTelemetryStatus is read-only", status.reason());
}

void theSectionIsTheStatus() {
    const auto& section = *mongo::sections().at("perconaTelemetry");
    expect(section.includeByDefault(), "the section is there by default", "it is not");
    expectEqual("section", get("perconaTelemetryStatus"),
                section.generateSection(nullptr, boolean(true)).json());
}

void repairAndReadOnlyStartNothing() {
    auto& parameters = mongo::storageGlobalParams;
#if MONGO_STAND_IN < 70
    bool& readOnly = parameters.readOnly;
#else
    bool& readOnly = parameters.queryableBackupMode;
#endif
    const TempDir dbpath;
    parameters.dbpath = dbpath.path();
    const std::string before = get("perconaTelemetryStatus");
    for (bool* const mode : {&parameters.repair, &readOnly}) {
        *mode = true;
        mongo::initAndListen();
        *mode = false;
        expectEqual("status", before, get("perconaTelemetryStatus"));
    }
    expectEqual("threads", 1U, threads().size());
    expect(dbpath.names().empty(), "the dbpath is left alone", joined(dbpath.names()));
}

const TempDir& dbpath() {
    static const TempDir folder;
    return folder;
}

#if PERCONA_TELEMETRY_HTTP_CLIENT
void startDelivers() {
    {
        const std::lock_guard<std::mutex> lock(mongo::exchangeMutex);
        mongo::exchange.code = 503;
        mongo::exchange.headers = "HTTP/1.1 503 Busy\r\nRetry-After: 7200\r\n\r\n";
    }
    expectOk(mongo::setAtStartup("perconaTelemetryUrl", "https://telemetry.example/report"));
    mongo::storageGlobalParams.dbpath = dbpath().path();
    mongo::initAndListen();
    eventually("state retrying", [] { return statusMember("state") == "retrying"; });

    const std::lock_guard<std::mutex> lock(mongo::exchangeMutex);
    const mongo::Exchange& request = mongo::exchange;
    expect(request.asked, "a POST was made", "it was not");
    expectEqual("url", "https://telemetry.example/report", request.url);
    expect(!request.allowedHttp, "http is not allowed for an https URL", "it is");
    expectEqual("connect time-out", 5, request.connectTimeout.count());
    expectEqual("time-out", 10, request.timeout.count());
    expectContains("body", statusMember("instanceId"), request.body);
    const std::vector<std::string>& headers = request.sentHeaders;
    expectEqual("headers", 4U, headers.size());
    expectEqual("first header", "Content-Type: application/json", headers.at(0));
    expectContains("second header", "User-Agent: psmdb-telemetry/", headers.at(1));
    expectContains("lastError", "503", statusMember("lastError"));
    // Two hours, and not the minute that the first retry has otherwise.
    const auto day = [](const std::string& time) { return time.substr(0, 10); };
    const auto hour = [](const std::string& time) { return std::stoi(time.substr(11, 2)); };
    const std::string last = statusMember("lastAttempt");
    const std::string next = statusMember("nextAttempt");
    expect(day(last) != day(next) || hour(next) - hour(last) >= 2,
           "Retry-After of the server's client is honoured", last + ", then " + next);
}
#else
void startDelivers() {
    const TempDir outbox;
    expectOk(mongo::setAtStartup("perconaTelemetryUrl", "file://" + outbox.path()));
    mongo::storageGlobalParams.dbpath = dbpath().path();
    mongo::initAndListen();
    eventually("state sent", [] { return statusMember("state") == "sent"; });
    expectEqual("files", 1U, outbox.names().size());
}
#endif

void theLogIsTheServers() {
    const std::vector<mongo::logv2::Line> lines = mongo::logv2::Lines::instance().all();
    expect(!lines.empty(), "the library has logged", "nothing");
    for (const mongo::logv2::Line& line : lines) {
        expectEqual("component", "::mongo::logv2::LogComponent::kControl", line.component);
        expectEqual("id", line.severity == "W" ? 29201 : 29200, line.id);
        expectEqual("message", "Percona telemetry", line.message);
        expectEqual("attribute", "message", line.attribute);
        expect(!line.value.empty(), "a line says something", "it is empty");
    }
}

void stopIsFinal() {
    const std::size_t lines = mongo::logv2::Lines::instance().all().size();
    mongo::shutdownTask();
    waitUntilLibraryThreadsAreGone();
    mongo::shutdownTask();
    mongo::initAndListen();
    expectEqual("lines", lines, mongo::logv2::Lines::instance().all().size());
    expect(libraryThreads().empty(), "no thread", "there is one");
}

void retryAfterIsThatOfTheLastAnswer() {
    using mongo::percona_telemetry::retryAfterOf;
    const std::map<std::string, std::string> cases = {
        {"", ""},
        {"HTTP/1.1 200 OK\r\n\r\n", ""},
        {"HTTP/1.1 503 Busy\r\nretry-AFTER:\t 120 \r\nDate: x\r\n\r\n", "120"},
        {"HTTP/1.1 503 Busy\nRetry-After: 5", "5"},
        {"HTTP/1.1 503 Busy\r\nRetry-After:\r\n\r\n", ""},
        {"HTTP/1.1 503 Busy\r\nX-Retry-After: 5\r\nRetry-After\r\n\r\n", ""},
        {"HTTP/1.1 200 Connected\r\nRetry-After: 1\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n", ""},
        {"HTTP/2 503\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n",
         "Wed, 21 Oct 2015 07:28:00 GMT"},
    };
    for (const auto& [headers, expected] : cases) {
        expectEqual("Retry-After of " + headers, expected, retryAfterOf(headers));
    }
}

}  // namespace
}  // namespace consumer

int main(int count, char**) {
    using namespace consumer;
    const Promise stop = {"stop is right at any time, and final", stopIsFinal};
    if (count > 1) {  // any argument: a shutdown before the start
        return prove({stop});
    }
    return prove({
        {"each parameter of the library's table is registered", theTableIsRegistered},
        {"a bad value is a BadValue that says what would be accepted", badValuesAreRefused},
        {"a good value is taken, at start-up and at run time", goodValuesAreTaken},
        {"the status is read-only", theStatusIsReadOnly},
        {"the section of serverStatus is the status", theSectionIsTheStatus},
        {"--repair and a read-only dbpath start nothing", repairAndReadOnlyStartNothing},
        {"start delivers by the means that this server has", startDelivers},
        {"lines go to the server's log, with ids and component of their own", theLogIsTheServers},
        stop,
        {"Retry-After is that of the last answer", retryAfterIsThatOfTheLastAnswer},
    });
}
