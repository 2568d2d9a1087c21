#include "options.h"

#include <getopt.h>

#include <array>
#include <charconv>
#include <limits>

namespace telemetry_host {
namespace {

constexpr int kMaxStopDeadlineMillis = 600'000;

enum Option { dbpath = 1, setParameter, port, version, stopDeadlineMillis, help };

int number(const char* option, std::string_view text, int max) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0 || value > max) {
        throw StartupError(std::string(option) + " takes a whole number from 0 to " +
                           std::to_string(max) + ", not '" + std::string(text) + "'");
    }
    return value;
}

StartupError unknownOption(const std::string& given) {
    return StartupError("unknown or ambiguous option '" + given + "'; --help lists all options");
}

std::pair<std::string, std::string> setting(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw StartupError("BadValue: --setParameter takes name=value, not '" + text + "'");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

Options parseOptions(int argc, char** argv) {
    static constexpr std::array<option, 7> known{{
        {"dbpath", required_argument, nullptr, dbpath},
        {"setParameter", required_argument, nullptr, setParameter},
        {"port", required_argument, nullptr, port},
        {"version", required_argument, nullptr, version},
        {"stopDeadlineMillis", required_argument, nullptr, stopDeadlineMillis},
        {"help", no_argument, nullptr, help},
        {nullptr, 0, nullptr, 0},
    }};
    Options options;
    options.argv.assign(argv, argv + argc);
    ::opterr = 0;  // what is wrong is said below
    int found = 0;
    // As for mongod, one dash suffices. A colon: an option without its value gives a colon, too.
    while ((found = ::getopt_long_only(argc, argv, ":", known.data(), nullptr)) != -1) {
        switch (found) {
            case dbpath:
                options.dbpath = ::optarg;
                break;
            case setParameter:
                options.setParameters.push_back(setting(::optarg));
                break;
            case port:
                options.port = static_cast<std::uint16_t>(
                    number("--port", ::optarg, std::numeric_limits<std::uint16_t>::max()));
                break;
            case version:
                options.version = ::optarg;
                break;
            case stopDeadlineMillis:
                options.stopDeadline = std::chrono::milliseconds(
                    number("--stopDeadlineMillis", ::optarg, kMaxStopDeadlineMillis));
                break;
            case help:
                options.help = true;
                return options;
            case ':':
                throw StartupError("option '" + std::string(argv[::optind - 1]) +
                                   "' lacks its value; --help lists all options");
            default:
                throw unknownOption(argv[::optind - 1]);
        }
    }
    if (::optind < argc) {
        throw unknownOption(argv[::optind]);
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
  --port N                   listen on 127.0.0.1 for MongoDB clients; 0 takes a free port; without
                             it, none can connect
  --version V                the server version to report (default 4.4.26-25)
  --stopDeadlineMillis N     how long shutdown may wait for telemetry (default 50)
  --help                     this text

An option's value may also follow an equals sign: --port=37017.
SIGTERM and SIGINT stop it. Exit codes: 0 stopped, 2 refused to start, 1 anything else.
)";
}

}  // namespace telemetry_host
