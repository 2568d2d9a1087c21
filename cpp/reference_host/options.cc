#include "options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

#include "startup_error.h"

namespace telemetry_host {
namespace {

constexpr int kMaxStopDeadlineMillis = 600'000;

int number(const std::string& option, const std::string& text, int max) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0 || value > max) {
        throw StartupError(option + " takes a whole number from 0 to " + std::to_string(max) +
                           ", not '" + text + "'");
    }
    return value;
}

void setParameter(Options& options, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw StartupError("BadValue: --setParameter takes name=value, not '" + text + "'");
    }
    std::string name = text.substr(0, equals);
    for (const auto& [earlier, value] : options.setParameters) {
        if (earlier == name) {
            throw StartupError("BadValue: --setParameter '" + name + "' is given more than once");
        }
    }
    options.setParameters.emplace_back(std::move(name), text.substr(equals + 1));
}

struct Option {
    std::string_view name;
    bool repeatable;
    void (*take)(Options&, const std::string& value);
};

constexpr std::array kOptions{
    Option{"--dbpath", false, [](Options& o, const std::string& v) { o.dbpath = v; }},
    Option{"--setParameter", true, setParameter},
    Option{"--port", false,
           [](Options& o, const std::string& v) {
               constexpr int max = std::numeric_limits<std::uint16_t>::max();
               o.port = static_cast<std::uint16_t>(number("--port", v, max));
           }},
    Option{"--bind_ip", false, [](Options& o, const std::string& v) { o.bindIp = v; }},
    Option{"--version", false, [](Options& o, const std::string& v) { o.version = v; }},
    Option{"--stopDeadlineMillis", false,
           [](Options& o, const std::string& v) {
               o.stopDeadline = std::chrono::milliseconds(
                   number("--stopDeadlineMillis", v, kMaxStopDeadlineMillis));
           }},
};

}  // namespace

Options parseOptions(const std::vector<std::string>& argv) {
    Options options;
    options.argv = argv;
    std::array<bool, kOptions.size()> seen{};

    for (std::size_t i = 1; i < argv.size(); ++i) {
        const std::size_t equals = argv[i].find('=');
        const std::string name = argv[i].substr(0, equals);
        if (argv[i] == "--help") {
            options.help = true;
            return options;
        }
        const auto option =
            std::find_if(kOptions.begin(), kOptions.end(),
                         [&name](const Option& candidate) { return candidate.name == name; });
        if (option == kOptions.end()) {
            throw StartupError("unknown option '" + name + "'; --help lists those that exist");
        }
        bool& given = seen[static_cast<std::size_t>(option - kOptions.begin())];
        if (given && !option->repeatable) {
            throw StartupError(name + " is given more than once");
        }
        given = true;

        std::string value;
        if (equals != std::string::npos) {
            value = argv[i].substr(equals + 1);
        } else if (i + 1 < argv.size() && argv[i + 1].rfind("--", 0) != 0) {
            value = argv[++i];
        }
        if (value.empty()) {
            throw StartupError(name + " needs a value");
        }
        option->take(options, value);
    }
    if (options.dbpath.empty()) {
        throw StartupError("--dbpath is missing: name an existing directory");
    }
    return options;
}

std::string_view helpText() noexcept {
    return R"(telemetry-host: a small server that embeds the telemetry library as mongod does

usage: telemetry-host --dbpath DIR [options]

  --dbpath DIR               the data directory; must exist
  --setParameter NAME=VALUE  set a server parameter; may be repeated
  --port N                   listen for MongoDB clients; 0 takes a free port; without it, none can
  --bind_ip ADDR             the address to listen on, in numbers (default 127.0.0.1)
  --version V                the server version to report (default 4.4.26-25)
  --stopDeadlineMillis N     how long shutdown may wait for telemetry (default 50)
  --help                     this text

An option's value may also follow an equals sign: --port=37017.
SIGTERM and SIGINT stop it. Exit codes: 0 stopped, 2 refused to start, 1 anything else.
)";
}

}  // namespace telemetry_host
