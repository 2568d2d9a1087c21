// The module in a server of stand-ins: what the server calls, in the order of a server's life.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "mongo/db/commands/server_status.h"
#include "mongo/db/modules/percona_telemetry/handle.h"
#include "mongo/db/modules/percona_telemetry/retry_after.h"
#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/db/modules/percona_telemetry/suppression.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/idl/server_parameter.h"
#include "mongo/logv2/lines.h"
#include "mongo/util/net/http_client.h"
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
using psmdb::telemetry::LogAttribute;

mongo::ServerParameter& parameter(const std::string& name) {
    return *mongo::ServerParameterSet::getGlobal()->getMap().at(name);
}

Status setAtStartup(const std::string& name, const std::string& text) {
    return parameter(name).setFromString(text);
}

Status setAtRuntime(const std::string& name, const BSONElement& value) {
    return parameter(name).set(value);
}

std::string get(const std::string& name) {
    mongo::BSONObjBuilder reply;
    parameter(name).append(nullptr, reply, name);
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
    expectEqual("parameters", expected.size(),
                mongo::ServerParameterSet::getGlobal()->getMap().size());
    for (const auto& [name, type] : expected) {
        expect(parameter(name).type() == type, name + " may be set when the table says",
               "at another time");
    }
}

void badValuesAreRefused() {
    for (const char* const text : {"maybe", "3", "", "True"}) {
        expectBadValue("expected true, false, 1 or 0", setAtStartup("perconaTelemetry", text));
    }
    expectBadValue("file:///folder", setAtStartup("perconaTelemetryUrl", "ftp://x/"));
    expectBadValue("from 0 to 604800", setAtStartup("perconaTelemetryGracePeriod", "604801"));
    expectBadValue(
        "Invalid value for parameter perconaTelemetry: \"maybe\" is not a bool; expected true, ",
        setAtRuntime("perconaTelemetry", {BSONType::String, "maybe"}));
    expectBadValue("expected true, false, 1 or 0",
                   setAtRuntime("perconaTelemetry", {BSONType::NumberInt, "", 3}));
    expectBadValue("expected true, false, 1 or 0",
                   setAtRuntime("perconaTelemetry", {BSONType::NumberDouble, "", 1.5}));
    expectBadValue("NUL",
                   setAtRuntime("perconaTelemetry", {BSONType::String, std::string("1\0", 2)}));
    expectBadValue("Failed setting perconaTelemetry: a value of type object is not accepted",
                   setAtRuntime("perconaTelemetry", {BSONType::Object, "{}"}));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
}

void goodValuesAreTaken() {
    expectOk(setAtStartup("perconaTelemetry", "0"));
    expectEqual("perconaTelemetry", "false", get("perconaTelemetry"));
    expectOk(setAtRuntime("perconaTelemetry", boolean(true)));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
    expectOk(setAtRuntime("perconaTelemetry", {BSONType::NumberDouble, "", -0.0}));
    expectEqual("perconaTelemetry", "false", get("perconaTelemetry"));
    expectOk(setAtRuntime("perconaTelemetry", {BSONType::NumberLong, "", 1}));
    expectEqual("perconaTelemetry", "true", get("perconaTelemetry"));
    expectOk(setAtStartup("perconaTelemetryGracePeriod", "0"));
    expectEqual("perconaTelemetryGracePeriod", "0", get("perconaTelemetryGracePeriod"));
}

void theStatusIsReadOnly() {
    const Status status = setAtRuntime("perconaTelemetryStatus", boolean(true));
    expectEqual("code", ErrorCodes::BadValue, status.code());
    expectEqual("reason", "perconaTelemetryStatus is read-only", status.reason());
}

void theSectionNamesTheInstanceOnlyWhereItIsAskedFor() {
    const auto& section = *mongo::sections().at("perconaTelemetry");
    expect(section.includeByDefault(), "the section is there by default", "it is not");
    const std::string json = section.generateSection(nullptr, {BSONType::EOO, ""}).json();
    expectEqual("section", mongo::percona_telemetry::telemetry().summary(), json);
    expect(json.find("instanceId") == std::string::npos, "nothing names the instance", json);
    expectEqual("section that is asked for", get("perconaTelemetryStatus"),
                section.generateSection(nullptr, boolean(true)).json());
}

// A parameter of the server's that is not telemetry's.
class ServersOwn final : public mongo::ServerParameter {
public:
    explicit ServersOwn(const std::string& name)
        : ServerParameter(name, ServerParameterType::kStartupOnly) {
    }

    void append(mongo::OperationContext*, mongo::BSONObjBuilder& reply,
                const std::string& key) override {
        reply.appendBool(key, value);
    }

    Status set(const BSONElement&) override {
        return Status::OK();
    }

    Status setFromString(const std::string&) override {
        return Status::OK();
    }

    bool value = false;
};

void whatIsNoInstallationIsNamed() {
    using mongo::percona_telemetry::suppressedBy;
    expectEqual("without any such parameter", "", suppressedBy());
    for (const char* const name :
         {"disableLogicalSessionCacheRefresh", "recoverFromOplogAsStandalone",
          "takeUnstableCheckpointOnShutdown", "enableTestCommands"}) {
        auto& mark = *new ServersOwn(name);
        expectEqual("while it is false", "", suppressedBy());
        mark.value = true;
        expectEqual("while it is true", name, suppressedBy());
        mark.value = false;
    }
    auto& parameters = mongo::storageGlobalParams;
    parameters.readOnly = true;
    expectEqual("with a read-only dbpath", "queryableBackupMode", suppressedBy());
    parameters.repair = true;
    expectEqual("with the first of two", "--repair", suppressedBy());
    parameters.repair = parameters.readOnly = false;
}

void aRepairDoesNotReport() {
    const TempDir dbpath;
    mongo::storageGlobalParams.dbpath = dbpath.path();
    mongo::storageGlobalParams.repair = true;
    mongo::initAndListen();
    expectEqual("state", "off", statusMember("state"));
    expectEqual("decidedBy", "--repair", statusMember("decidedBy"));
    expectEqual("threads", 1U, threads().size());
    expect(dbpath.names().empty(), "the dbpath is left alone", joined(dbpath.names()));
    const auto lines = mongo::logv2::Lines::instance().all();
    expectEqual("lines", 1U, lines.size());
    expectEqual("message", "Telemetry disabled", lines.at(0).message);
    expectEqual("decidedBy", "--repair", lines.at(0).attributes.at("decidedBy"));
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
    expectOk(setAtStartup("perconaTelemetryUrl", "https://telemetry.example/report"));
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
    expectOk(setAtStartup("perconaTelemetryUrl", "file://" + outbox.path()));
    mongo::storageGlobalParams.dbpath = dbpath().path();
    mongo::initAndListen();
    eventually("state sent", [] { return statusMember("state") == "sent"; });
    expectEqual("files", 1U, outbox.names().size());
}
#endif

void theLogIsTheServers() {
    const std::vector<mongo::logv2::Line> lines = mongo::logv2::Lines::instance().all();
    expectEqual("lines", 2U, lines.size());
    expectEqual("first id", 29800, lines.at(0).id);
    expectEqual("first message", "Telemetry enabled", lines.at(0).message);
    expectEqual("decidedBy", "perconaTelemetry", lines.at(0).attributes.at("decidedBy"));
    for (const mongo::logv2::Line& line : lines) {
        expectEqual("component", "::mongo::logv2::LogComponent::kControl", line.component);
        expectEqual("thread", "PsmdbTelemetry", line.thread);
    }
}

// The line that the server's log gets of an event.
mongo::logv2::Line logged(int id, LogLevel level, std::vector<LogAttribute> attributes) {
    mongo::percona_telemetry::ServerHost().log({id, level, "a message", std::move(attributes)});
    return mongo::logv2::Lines::instance().all().back();
}

void anEventKeepsWhatItSays() {
    const auto delivered =
        logged(29803, LogLevel::info, {{"attempts", std::int64_t{2}}, {"error", "no \"route\""}});
    expectEqual("id", 29803, delivered.id);
    expectEqual("severity", "I", delivered.severity);
    expectEqual("message", "Telemetry report delivered", delivered.message);
    expectEqual("attributes", 2U, delivered.attributes.size());
    expectEqual("attempts", "2", delivered.attributes.at("attempts"));
    expectEqual("error", "no \"route\"", delivered.attributes.at("error"));
    expectEqual("severity", "W", logged(29813, LogLevel::warning, {}).severity);
}

void anEventOfANewerLibraryIsNotLost() {
    const auto info = logged(29899, LogLevel::info, {{"error", "why"}});
    expectEqual("id", 29828, info.id);
    expectEqual("event", "29899", info.attributes.at("event"));
    expectEqual("text", "a message error=\"why\"", info.attributes.at("text"));
    const auto warning = logged(29803, LogLevel::warning, {{"newer", true}});
    expectEqual("id", 29829, warning.id);
    expectEqual("severity", "W", warning.severity);
    expectEqual("event", "29803", warning.attributes.at("event"));
    expectEqual("text", "a message newer=true", warning.attributes.at("text"));
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

int main(int count, char** words) {
    using namespace consumer;
    const Promise stop = {"stop is right at any time, and final", stopIsFinal};
    const std::string life = count > 1 ? words[1] : "";
    if (life == "stop") {
        return prove({stop});  // a shutdown before the start
    }
    if (life == "repair") {
        return prove({{"--repair does not report", aRepairDoesNotReport}, stop});
    }
    return prove({
        {"each parameter of the library's table is registered", theTableIsRegistered},
        {"a bad value is a BadValue that says what would be accepted", badValuesAreRefused},
        {"a good value is taken, at start-up and at run time", goodValuesAreTaken},
        {"the status is read-only", theStatusIsReadOnly},
        {"the section of serverStatus names the instance only where it is asked for",
         theSectionNamesTheInstanceOnlyWhereItIsAskedFor},
        {"what marks a server that is no installation is named", whatIsNoInstallationIsNamed},
        {"start delivers by the means that this server has", startDelivers},
        {"lines go to the server's log, under their ids and the thread's name", theLogIsTheServers},
        stop,
        {"an event keeps its id, level, message and attributes", anEventKeepsWhatItSays},
        {"an event of a newer library is not lost", anEventOfANewerLibraryIsNotLost},
        {"Retry-After is that of the last answer", retryAfterIsThatOfTheLastAnswer},
    });
}
