// Every function in every order, with every kind of argument that the interface lets through:
// nothing crashes, every refusal says why. (What each parameter accepts: src/parameters.rs.)

#include "support.h"

using namespace consumer;
using psmdb::telemetry::Parameter;
using psmdb::telemetry::Result;

namespace {

constexpr const char* kSwitch = "perconaTelemetry";
constexpr const char* kUrl = "perconaTelemetryUrl";
constexpr const char* kGracePeriod = "perconaTelemetryGracePeriod";
constexpr const char* kStatus = "perconaTelemetryStatus";

const std::string kHuge(1024 * 1024, 'x');
constexpr std::array<std::chrono::milliseconds, 4> kDeadlines = {
    std::chrono::milliseconds::min(), std::chrono::milliseconds(-1), std::chrono::milliseconds(0),
    std::chrono::milliseconds::max()};

std::string nameOf(Code code) {
    static constexpr std::array<const char*, 5> names = {"ok", "badValue", "notSettable",
                                                         "unknownParameter", "internal"};
    return names.at(static_cast<std::size_t>(code));
}

// Refused with a code and a sentence of bounded length, on one line.
void expectRefused(const std::string& what, Code code, const Result& result,
                   const std::string& words = " ") {
    expectEqual(what, nameOf(code), nameOf(result.code));
    expect(!result, what + " is false as a bool", "true");
    expectContains(what, words, result.text);
    expect(result.text.size() < 1024 && result.text.find_first_of("\r\n") == std::string::npos,
           what + " is answered by a sentence", result.text);
}

void expectValue(const Telemetry& telemetry, const std::string& name, const std::string& value) {
    const Result result = telemetry.get(name);
    expectEqual(name + " can be read", nameOf(Code::ok), nameOf(result.code));
    expectEqual(name, value, result.text);
}

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

// From an array, so that a NUL in it counts.
template <std::size_t N>
std::string bytes(const char (&text)[N]) {
    return std::string(text, N - 1);
}

}  // namespace

TEST("the table of parameters is as documented") {
    const std::vector<Parameter> expected = {
        {kSwitch, "", Parameter::Type::boolean, true, true},
        {kUrl, "", Parameter::Type::string, true, false},
        {kGracePeriod, "", Parameter::Type::seconds, true, false},
        {kStatus, "", Parameter::Type::document, false, false},
    };
    const std::vector<Parameter> table = Telemetry::parameters();
    expectEqual("number of parameters", expected.size(), table.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::string& name = expected[i].name;
        expectEqual("name", name, table[i].name);
        expect(table[i].type == expected[i].type, name + " has its type", "another");
        expectEqual(name + " at start-up", expected[i].atStartup, table[i].atStartup);
        expectEqual(name + " at run time", expected[i].atRuntime, table[i].atRuntime);
        expectContains(name + " is described", " ", table[i].description);
    }
}

TEST("before the start every parameter can be set and read, and no thread is started") {
    const std::size_t before = threads().size();
    const Server server;
    Telemetry& telemetry = server.telemetry();
    expectValue(telemetry, kSwitch, "true");
    expectValue(telemetry, kUrl, quoted("https://check.percona.com/v1/telemetry/GenericReport"));
    expectValue(telemetry, kGracePeriod, "0");
    expectValue(telemetry, kStatus, telemetry.status());
    for (const auto& [value, shown] : {std::pair("false", "false"), std::pair("1", "true")}) {
        set(telemetry, kSwitch, value);
        expectValue(telemetry, kSwitch, shown);
        server.expectStatus({{"enabled", shown}, {"decidedBy", kSwitch}});
    }
    set(telemetry, kGracePeriod, "604800");
    expectValue(telemetry, kGracePeriod, "604800");
    set(telemetry, kUrl, "file:///var/tmp");
    expectValue(telemetry, kUrl, quoted("file:///var/tmp"));
    server.expectStatus({{"destination", "file:///var/tmp"}, {"state", "stopped"}});
    expectEqual("lines in the log", 0U, server.host->lines().size());
    expectEqual("threads", before, threads().size());
}

TEST("each refusal has its code and says what would be accepted") {
    const Server server;
    Telemetry& telemetry = server.telemetry();
    for (const When when : {When::startup, When::runtime}) {
        expectRefused("a bad switch", Code::badValue, telemetry.set(kSwitch, "maybe", when),
                      "true, false, 1 or 0");
        expectRefused("the status", Code::badValue, telemetry.set(kStatus, "{}", when));
    }
    expectRefused("a bad URL", Code::badValue, telemetry.set(kUrl, "ftp://host/", When::startup));
    expectRefused("a bad grace period", Code::badValue,
                  telemetry.set(kGracePeriod, "604801", When::startup), "0 to 604800");
    expectRefused("a URL at run time", Code::notSettable,
                  telemetry.set(kUrl, "file:///tmp", When::runtime));
    server.startSwitchedOff();
    for (const char* const name : {kUrl, kSwitch, kGracePeriod}) {
        const char* const value = name == kUrl ? "file:///tmp" : "1";
        expectRefused(name, Code::notSettable, telemetry.set(name, value, When::startup));
    }
    expectValue(telemetry, kSwitch, "false");
}

TEST("empty, torn, binary and huge text is refused for what it is") {
    Telemetry telemetry(nullptr);
    for (const std::string& name :
         {std::string(), std::string("perconaTelemetry "), bytes("perconaTelemetry\0"), bytes("\0"),
          bytes("\xff\xfe"), bytes("perconaTelemetry\xc3"), kHuge}) {
        const std::string what = "the name '" + name.substr(0, 40) + "'";
        expectRefused("get of " + what, Code::unknownParameter, telemetry.get(name));
        expectRefused("set of " + what, Code::unknownParameter,
                      telemetry.set(name, "true", When::runtime));
    }
    expectRefused("get of no view at all", Code::unknownParameter, telemetry.get({}));
    expectRefused("set of no view at all", Code::unknownParameter,
                  telemetry.set({}, {}, When::startup));

    for (const std::string& value :
         {std::string(), bytes("true\0"), bytes("\0true"), bytes("\xff\xfe"), bytes("tru\xc3"),
          bytes("https://h\xc3\xb6st/"), bytes("https://host/\r\nX-Header: y"),
          bytes("file:///tmp\0/x"), "https://host/" + kHuge, kHuge}) {
        for (const char* const name : {kSwitch, kUrl, kGracePeriod}) {
            expectRefused(std::string(name) + " = '" + value.substr(0, 40) + "'", Code::badValue,
                          telemetry.set(name, value, When::startup));
        }
    }
    expectValue(telemetry, kSwitch, "true");
}

TEST("start() with a dbpath that is not a folder fails telemetry with one warning") {
    for (const std::string& dbpath :
         {std::string(), std::string("/nowhere/at/all"), bytes("\xff"), bytes("/\0x"), kHuge}) {
        const Server server;
        server.telemetry().start({dbpath, kHuge});
        server.host->waitFor("Telemetry failed");
        waitForState(server.telemetry(), "failed");
        server.stop();
        server.expectFailed("dbpath");
    }
}

TEST("a version of any bytes is made reportable") {
    for (const std::string& version : {std::string(), bytes("\xff\0\n4.4"), kHuge}) {
        Receiver receiver = Receiver::answering();
        const Server server;
        set(server.telemetry(), kUrl, receiver.url());
        server.telemetry().start({server.dbpath.path(), version});
        server.host->waitFor(kDelivered);
        server.stop();
        const std::string reported = stored(server.dbpath, "pillar_version");
        expect(!reported.empty() && reported.size() <= 256, "1 to 256 bytes", reported);
        expectContains("body", quoted(reported), receiver.requests().at(0).body);
    }
}

TEST("a mark of a server that is no installation switches telemetry off") {
    const Server server;
    server.telemetry().start({server.dbpath.path(), kVersion, "enableTestCommands"});
    server.expectStatus({{"state", "off"}, {"decidedBy", "enableTestCommands"}});
    server.dbpath.expectEmpty();
}

TEST("stop() takes any deadline") {
    for (const auto deadline : kDeadlines) {
        Receiver receiver = Receiver::silent();
        const Server server;
        server.start(receiver.url());
        receiver.waitForRequests(1);
        const bool hasEnded = server.telemetry().stop(deadline);
        expect(hasEnded || deadline <= std::chrono::milliseconds(0),
               "stop() with all time sees the thread gone", "it is detached");
        receiver.waitForEnds(1);
        waitUntilLibraryThreadsAreGone();
    }
}

TEST("no Host is needed") {
    Receiver receiver = Receiver::answering();
    const Server server(nullptr);
    server.start(receiver.url());
    waitForState(server.telemetry(), "sent");
    server.stop();
}

int main() {
    return prove();
}
