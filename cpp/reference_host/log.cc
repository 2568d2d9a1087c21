#include "log.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <iomanip>
#include <mutex>
#include <sstream>
#include <string>
#include <variant>

#include "bson.h"

namespace telemetry_host {
namespace {

std::string quoted(std::string_view text) {
    const std::string valid = asUtf8(text);
    char* const escaped =
        bson_utf8_escape_for_json(valid.data(), static_cast<ssize_t>(valid.size()));
    std::string result = '"' + std::string(escaped == nullptr ? "" : escaped) + '"';
    bson_free(escaped);
    return result;
}

std::string json(const decltype(psmdb::telemetry::LogAttribute::value)& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* const yes = std::get_if<bool>(&value)) {
        return *yes ? "true" : "false";
    }
    return quoted(std::get<std::string_view>(value));
}

std::string timestamp() {
    using namespace std::chrono;
    const auto now = system_clock::now();
    const std::time_t seconds = system_clock::to_time_t(now);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::ostringstream text;
    text << std::put_time(&utc, "%Y-%m-%dT%H:%M:%S.") << std::setfill('0') << std::setw(3)
         << duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000 << "+00:00";
    return text.str();
}

}  // namespace

void writeLog(std::string_view component, const psmdb::telemetry::LogEvent& event) {
    // Keeps the lines in the order of their times. Trivial to destroy, so it is there for a thread
    // that outlives main().
    static std::mutex mutex;

    std::array<char, 16> thread{};  // as long as Linux lets its name be
    ::pthread_getname_np(::pthread_self(), thread.data(), thread.size());
    const char* const severity = event.level == psmdb::telemetry::LogLevel::warning ? "W" : "I";
    std::ostringstream rest;  // with the columns of mongod's log
    rest << std::left << R"("s":)" << std::setw(6) << quoted(severity) + ',' << R"("c":)"
         << std::setw(12) << quoted(component) + ',' << R"("id":)" << std::setw(9)
         << std::to_string(event.id) + ',' << R"("ctx":)" << quoted(thread.data()) << R"(,"msg":)"
         << quoted(event.message);
    const char* before = R"(,"attr":{)";
    for (const auto& [name, value] : event.attributes) {
        rest << before << quoted(name) << ':' << json(value);
        before = ",";
    }
    rest << (event.attributes.empty() ? "}\n" : "}}\n");

    const std::lock_guard<std::mutex> lock(mutex);
    const std::string line = R"({"t":{"$date":")" + timestamp() + R"("},)" + rest.str();
    for (std::string_view left = line; !left.empty();) {
        const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
        if (written < 0 && errno != EINTR) {
            return;  // nobody reads the log: nowhere left to say so
        }
        left.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

}  // namespace telemetry_host
