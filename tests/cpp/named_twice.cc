// A variable that stands several times in the environment, as no shell leaves it and execve()
// allows.

#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace consumer {
namespace {

// This process's environment, for as long as it lives.
class Environment {
public:
    explicit Environment(std::vector<std::string> variables) : _variables(std::move(variables)) {
        for (std::string& variable : _variables) {
            _pointers.push_back(variable.data());
        }
        _pointers.push_back(nullptr);
        environ = _pointers.data();
    }

    ~Environment() {
        environ = _before;
    }

    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    std::vector<std::string> _variables;
    std::vector<char*> _pointers;
    char** const _before = environ;
};

// Of a server whose environment says off in one way or another.
std::string statusIn(const std::vector<std::string>& variables) {
    const TempDir dbpath;
    const Environment environment(variables);
    Telemetry telemetry(std::make_shared<RecordingHost>());
    telemetry.start({dbpath.path(), kVersion});
    const std::string status = telemetry.status();
    expectEqual("enabled", "false", member(status, "enabled"));
    return status;
}

void anyOptOutWins() {
    using Values = std::array<const char*, 2>;
    for (const std::string name : {"PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK"}) {
        for (const auto& [first, last] : {Values{"1", "0"}, Values{"0", "1"}, Values{"", "?"}}) {
            const std::string status = statusIn({name + "=" + first, "A=b", name + "=" + last});
            expectEqual("decidedBy", name, member(status, "decidedBy"));
        }
    }
}

void theLastCounts() {
    const std::vector<std::string> variables = {
        "PERCONA_OPERATING_SYSTEM=First", "DO_NOT_TRACK=1", "PERCONA_OPERATING_SYSTEM=Second",
        "PERCONA_OPERATING_SYSTEMS=Another", "PERCONA_OPERATING_SYSTEM=Last"};
    expectContains("the report", R"({"key":"OS","value":"Last"})", statusIn(variables));

    const Environment environment(variables);
    const std::unique_ptr<FILE, int (*)(FILE*)> shell(
        ::popen("printf %s \"$PERCONA_OPERATING_SYSTEM\"", "r"), ::pclose);
    std::array<char, 16> said{};
    if (shell == nullptr || std::fgets(said.data(), said.size(), shell.get()) == nullptr) {
        throw Skipped("there is no shell to compare with");
    }
    expectEqual("to a shell", "Last", std::string(said.data()));
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"any value of an opt-out that says off wins", anyOptOutWins},
        {"of any other variable the last value counts, as to a shell", theLastCounts},
    });
}
