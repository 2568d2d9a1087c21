// The command line.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace telemetry_host {

// What keeps the host from starting: main() prints it as one line and exits with code 2.
class StartupError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Options {
    std::string dbpath;
    std::vector<std::pair<std::string, std::string>> setParameters;  // name, value; as given
    std::optional<std::uint16_t> port;  // of loopback; none: no listener; 0: the system picks one
    std::string version = "4.4.26-25";
    std::chrono::milliseconds stopDeadline{50};
    bool help = false;  // nothing else was looked at

    std::vector<std::string> argv;  // as typed, for getCmdLineOpts
};

// Reads the command line. Throws StartupError, with a sentence that says what is accepted.
Options parseOptions(int argc, char** argv);

// The text for --help.
std::string_view helpText() noexcept;

}  // namespace telemetry_host
