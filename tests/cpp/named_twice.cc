// A variable that stands several times in the environment, as no shell leaves it and execve()
// allows.

#include "support.h"

using namespace consumer;

namespace {

// Of a server that starts in this environment, which says off in one way or another.
std::string statusIn(std::vector<std::string> variables) {
    std::vector<char*> pointers;
    for (std::string& variable : variables) {
        pointers.push_back(variable.data());
    }
    pointers.push_back(nullptr);
    const TempDir dbpath;
    char** const before = std::exchange(environ, pointers.data());
    Telemetry telemetry(nullptr);
    telemetry.start({dbpath.path(), kVersion});
    const std::string status = telemetry.status();
    environ = before;
    expectEqual("enabled", "false", member(status, "enabled"));
    return status;
}

}  // namespace

TEST("any value of an opt-out that says off wins") {
    using Values = std::array<const char*, 2>;
    for (const std::string name : {"PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK"}) {
        for (const auto& [first, last] : {Values{"1", "0"}, Values{"0", "1"}, Values{"", "?"}}) {
            const std::string status = statusIn({name + "=" + first, "A=b", name + "=" + last});
            expectEqual("decidedBy", name, member(status, "decidedBy"));
        }
    }
}

TEST("of any other variable the last value counts, as to a shell") {
    const std::string status = statusIn(
        {"PERCONA_OPERATING_SYSTEM=First", "DO_NOT_TRACK=1", "PERCONA_OPERATING_SYSTEM=Second",
         "PERCONA_OPERATING_SYSTEMS=Another", "PERCONA_OPERATING_SYSTEM=Last"});
    expectContains("the report", R"({"key":"OS","value":"Last"})", status);
}

int main() {
    return prove();
}
