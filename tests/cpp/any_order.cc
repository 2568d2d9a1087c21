// Every function in every order, with every kind of argument: nothing crashes, every refusal says
// why.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::Parameter;
using psmdb::telemetry::Result;

constexpr const char* kSwitch = "perconaTelemetry";
constexpr const char* kUrl = "perconaTelemetryUrl";
constexpr const char* kGracePeriod = "perconaTelemetryGracePeriod";
constexpr const char* kStatus = "perconaTelemetryStatus";

const char* nameOf(Code code) {
    switch (code) {
        case Code::ok:
            return "ok";
        case Code::badValue:
            return "badValue";
        case Code::notSettable:
            return "notSettable";
        case Code::unknownParameter:
            return "unknown";
        case Code::internal:
            return "internal";
    }
    return "no code at all";
}

void expectRefused(const std::string& what, Code code, const Result& result) {
    expectEqual(what, std::string(nameOf(code)), std::string(nameOf(result.code)));
    expect(!result, what + " is false as a bool", "true");
    expect(result.text.size() > 10 && result.text.find(' ') != std::string::npos,
           what + " is answered by a sentence", result.text);
}

void expectValue(const Telemetry& telemetry, const std::string& name, const std::string& value) {
    const Result result = telemetry.get(name);
    expectEqual(name + " can be read", std::string("ok"), std::string(nameOf(result.code)));
    expectEqual(name, value, result.text);
}

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

void theTableIsFixed() {
    struct Row {
        const char* name;
        Parameter::Type type;
        bool atStartup;
        bool atRuntime;
    };
    const std::vector<Row> rows = {
        {kSwitch, Parameter::Type::boolean, true, true},
        {kUrl, Parameter::Type::string, true, false},
        {kGracePeriod, Parameter::Type::seconds, true, false},
        {kStatus, Parameter::Type::document, false, false},
    };
    const std::vector<Parameter> table = Telemetry::parameters();
    expectEqual("number of parameters", rows.size(), table.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string name = rows[i].name;
        expectEqual("name", name, table[i].name);
        expect(table[i].type == rows[i].type, name + " has its type", "another");
        expectEqual(name + " at start-up", rows[i].atStartup, table[i].atStartup);
        expectEqual(name + " at run time", rows[i].atRuntime, table[i].atRuntime);
        expect(table[i].description.find(' ') != std::string::npos, name + " is described",
               table[i].description);
    }
}

void beforeTheStartAllCanBeSetAndRead() {
    const auto host = std::make_shared<RecordingHost>();
    const ThreadsUntilNow before;
    Telemetry telemetry(host);
    expectValue(telemetry, kSwitch, "true");
    expectValue(telemetry, kUrl, quoted("https://check.percona.com/v1/telemetry/GenericReport"));
    expectValue(telemetry, kGracePeriod, "0");
    expectValue(telemetry, kStatus, telemetry.status());
    for (const char* const value : {"false", "true", "0", "1"}) {
        const bool isOn = std::string_view(value) == "true" || std::string_view(value) == "1";
        set(telemetry, kSwitch, value);
        expectValue(telemetry, kSwitch, isOn ? "true" : "false");
        expectEqual("decidedBy", std::string(kSwitch), member(telemetry, "decidedBy"));
    }
    set(telemetry, kGracePeriod, "604800");
    expectValue(telemetry, kGracePeriod, "604800");
    set(telemetry, kUrl, "file:///var/tmp");
    expectValue(telemetry, kUrl, quoted("file:///var/tmp"));
    expectEqual("destination", std::string("file:///var/tmp"), member(telemetry, "destination"));
    expectEqual("state", std::string("stopped"), state(telemetry));
    expectEqual("lines in the log", 0U, host->lines().size());
    before.expectNoNewer("before start()");
}

void badValuesAreRefused() {
    Telemetry telemetry(nullptr);
    for (const When when : {When::startup, When::runtime}) {
        for (const char* const value :
             {"", "maybe", "True", "TRUE", "yes", "no", "on", "off", "2", "-1", " 1", "1 ", "01"}) {
            const std::string what = std::string(kSwitch) + " = '" + value + "'";
            expectRefused(what, Code::badValue, telemetry.set(kSwitch, value, when));
            expectContains(what, "true, false, 1 or 0", telemetry.set(kSwitch, value, when).text);
        }
        expectRefused(kStatus, Code::badValue, telemetry.set(kStatus, "{}", when));
    }
    for (const char* const value :
         {"", "no url", "ftp://host/", "https://", "https://user:secret@host/", "https://host:0/",
          "https://host/a b", "http://check.percona.com/", "http://10.0.0.1/",
          "http://localhost.example.com/", "file://folder", "file:folder", "/folder"}) {
        const Result result = telemetry.set(kUrl, value, When::startup);
        expectRefused(std::string(kUrl) + " = '" + value + "'", Code::badValue, result);
        expect(result.text.find("secret") == std::string::npos, "no password is repeated",
               result.text);
    }
    for (const char* const value :
         {"", "-1", "+1", "604801", "1.5", "1e3", "soon", " 1", "99999999999999999999999999"}) {
        const Result result = telemetry.set(kGracePeriod, value, When::startup);
        expectRefused(std::string(kGracePeriod) + " = '" + value + "'", Code::badValue, result);
        expectContains(kGracePeriod, "0 to 604800", result.text);
    }
    expectValue(telemetry, kSwitch, "true");
    expectValue(telemetry, kGracePeriod, "0");
}

void whatIsForStartUpIsNotSettableAtRunTime() {
    const TempDir dbpath;
    Telemetry telemetry(nullptr);
    set(telemetry, kSwitch, "false");
    const auto expectNotSettable = [&](const char* name, const char* value, When when) {
        expectRefused(name, Code::notSettable, telemetry.set(name, value, when));
    };
    expectNotSettable(kUrl, "file:///tmp", When::runtime);
    expectNotSettable(kGracePeriod, "1", When::runtime);
    telemetry.start({dbpath.path(), kVersion});
    for (const When when : {When::startup, When::runtime}) {
        expectNotSettable(kUrl, "file:///tmp", when);
        expectNotSettable(kGracePeriod, "1", when);
    }
    expectNotSettable(kSwitch, "true", When::startup);
    expectValue(telemetry, kSwitch, "false");
    expectStopped(telemetry);
}

void oddTextIsTakenForWhatItIs() {
    Telemetry telemetry(nullptr);
    const std::string huge(1024 * 1024, 'x');
    const std::vector<std::string> names = {"",
                                            " ",
                                            "perconatelemetry",
                                            "perconaTelemetry ",
                                            std::string("perconaTelemetry\0", 17),
                                            std::string("\0", 1),
                                            "\xff\xfe",
                                            "perconaTelemetry\xc3",
                                            huge};
    for (const std::string& name : names) {
        const std::string what = "the name '" + name.substr(0, 40) + "'";
        expectRefused("get of " + what, Code::unknownParameter, telemetry.get(name));
        for (const When when : {When::startup, When::runtime}) {
            expectRefused("set of " + what, Code::unknownParameter,
                          telemetry.set(name, "true", when));
        }
    }
    expectRefused("get of no view at all", Code::unknownParameter, telemetry.get({}));
    expectRefused("set of no view at all", Code::unknownParameter,
                  telemetry.set({}, {}, When::startup));

    const std::vector<std::string> values = {std::string("true\0", 5),
                                             std::string("\0true", 5),
                                             "\xff\xfe",
                                             "tru\xc3",
                                             "https://h\xc3\xb6st/",
                                             "https://host/\r\nX-Header: y",
                                             std::string("file:///tmp\0/x", 14),
                                             "https://host/" + huge,
                                             huge};
    for (const std::string& value : values) {
        for (const char* const name : {kSwitch, kUrl, kGracePeriod}) {
            const Result result = telemetry.set(name, value, When::startup);
            expectRefused(std::string(name) + " = '" + value.substr(0, 40) + "'", Code::badValue,
                          result);
            expect(result.text.size() < 1024, "the sentence does not repeat a huge value",
                   std::to_string(result.text.size()) + " bytes");
            expectEqual("line ends in the sentence", std::string::npos,
                        result.text.find_first_of("\r\n"));
        }
    }
    expectValue(telemetry, kSwitch, "true");
}

void startIsSafeWithAnyInstance() {
    const std::string huge(1024 * 1024, 'x');
    const std::vector<std::string> dbpaths = {
        "",     "relative/and/missing", "/nowhere/at/all",      "/dev/null",
        "\xff", "/proc/self/comm",      std::string("/\0x", 3), huge};
    for (const std::string& dbpath : dbpaths) {
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        telemetry.start({dbpath, huge});
        host->waitFor("Telemetry failed");
        host->expectOneWarning("dbpath");
        waitForState(telemetry, "failed");
        expectStopped(telemetry);
        expectEqual("state after stop()", std::string("failed"), state(telemetry));
    }
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    telemetry.start({});
    host->waitFor("Telemetry failed");
    expectStopped(telemetry);
}

void aVersionIsMadeReportable() {
    for (const std::string& version :
         {std::string(), std::string("\xff\0\n4.4", 6), std::string(1024 * 1024, '9')}) {
        const TempDir dbpath;
        Receiver receiver = Receiver::answering();
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        set(telemetry, kUrl, receiver.url());
        telemetry.start({dbpath.path(), version});
        host->waitFor("Telemetry report delivered");
        expectStopped(telemetry);
        const std::string reported = stored(dbpath, "pillar_version");
        expect(!reported.empty() && reported.size() <= 256, "a version of 1 to 256 bytes",
               reported);
        expectContains("body", quoted(reported), receiver.requests().front().body);
    }
}

void stopBeforeStartIsFinal() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    set(telemetry, kUrl, receiver.url());
    expectStopped(telemetry);
    const ThreadsUntilNow before;
    telemetry.start({dbpath.path(), kVersion});
    before.expectNoNewer("by start()");
    expectEqual("state", std::string("stopped"), state(telemetry));
    expectEqual("lines in the log", 0U, host->lines().size());
    expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));

    for (const When when : {When::startup, When::runtime}) {
        expectRefused("set after stop()", Code::notSettable, telemetry.set(kSwitch, "true", when));
        expectRefused("set after stop()", Code::badValue, telemetry.set(kSwitch, "x", when));
    }
    expectValue(telemetry, kUrl, quoted(receiver.url()));
    expectStopped(telemetry);
    expect(telemetry.stop(std::chrono::milliseconds(-1)), "stop() with a past deadline is true",
           "false");
    expect(telemetry.stop(std::chrono::milliseconds::max()), "stop() with all time is true",
           "false");
    expect(telemetry.stop(std::chrono::milliseconds::min()), "stop() with the least time is true",
           "false");
    expectEqual("connections", 0U, receiver.connections());
}

void aDeadlineMayBeAnyNumber() {
    for (const auto deadline : {std::chrono::milliseconds::min(), std::chrono::milliseconds(-1),
                                std::chrono::milliseconds(0), std::chrono::milliseconds::max()}) {
        const TempDir dbpath;
        Receiver receiver = Receiver::silent();
        Telemetry telemetry(nullptr);
        start(telemetry, dbpath, receiver.url());
        receiver.waitForRequests(1);
        const bool hasEnded = telemetry.stop(deadline);
        expect(hasEnded || deadline <= std::chrono::milliseconds(0),
               "stop() with all time sees the thread gone", "it was left behind");
        receiver.waitForEnds(1);
        waitUntilLibraryThreadsAreGone();
    }
}

void afterTheStartASecondOneChangesNothing() {
    const TempDir dbpath;
    const TempDir other;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    waitUntilLibraryThreadsAreGone();
    const std::string before = telemetry.status();
    telemetry.start({other.path(), "9.9.9"});
    expectEqual("status", before, telemetry.status());
    expectStopped(telemetry);
    telemetry.start({other.path(), "9.9.9"});
    expectEqual("status after stop()", before, telemetry.status());
    telemetry.start({other.path(), "9.9.9"});
    expectEqual("lines in the log: on, delivered, started again", 3U, host->lines().size());
    expect(other.names().empty(), "the other dbpath is as it was", joined(other.names()));
    expectEqual("requests", 1U, receiver.requests().size());
}

void noHostIsNeeded() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Telemetry telemetry(nullptr);
    start(telemetry, dbpath, receiver.url());
    waitForState(telemetry, "sent");
    expectStopped(telemetry);
    expectEqual("requests", 1U, receiver.requests().size());

    Telemetry quiet(nullptr);
    set(quiet, kSwitch, "false");
    quiet.start({dbpath.path(), kVersion});
    expectEqual("state", std::string("off"), state(quiet));
}

void handlesComeAndGo() {
    const ThreadsUntilNow before;
    for (int i = 0; i < 100; ++i) {
        const Telemetry telemetry(std::make_shared<RecordingHost>());
        before.expectNoNewer("by a handle that is made");
    }
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the table of parameters is as documented", theTableIsFixed},
        {"before the start every parameter can be set and read", beforeTheStartAllCanBeSetAndRead},
        {"a bad value is refused with a sentence that says what is accepted", badValuesAreRefused},
        {"what is for start-up is not settable later", whatIsForStartUpIsNotSettableAtRunTime},
        {"empty, torn, binary and huge text is refused for what it is", oddTextIsTakenForWhatItIs},
        {"start() with a dbpath that is none fails telemetry with one warning",
         startIsSafeWithAnyInstance},
        {"a version of any bytes is made reportable", aVersionIsMadeReportable},
        {"stop() before start() is final", stopBeforeStartIsFinal},
        {"stop() takes any deadline", aDeadlineMayBeAnyNumber},
        {"a second start() changes nothing", afterTheStartASecondOneChangesNothing},
        {"no Host is needed", noHostIsNeeded},
        {"handles that are never started come and go", handlesComeAndGo},
    });
}
