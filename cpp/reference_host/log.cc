#include "log.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <variant>

#include "bson.h"

namespace telemetry_host {
namespace {

std::string timestamp() {
    using namespace std::chrono;
    const auto now = system_clock::now();
    const auto millis = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
    const std::time_t seconds = system_clock::to_time_t(now);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);

    std::array<char, 32> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s.%03d+00:00", date.data(), static_cast<int>(millis));
    return text.data();
}

std::string quoted(std::string_view text) {
    const std::string valid = asUtf8(text);
    const std::unique_ptr<char, void (*)(void*)> escaped(
        bson_utf8_escape_for_json(valid.data(), static_cast<ssize_t>(valid.size())), bson_free);
    return '"' + std::string(escaped ? escaped.get() : "") + '"';
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

// With its comma, and as many spaces as keep the columns of mongod's log.
std::string column(std::string text, std::size_t width) {
    text += ',';
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string threadName() {
    std::array<char, 16> name{};  // as long as Linux lets it be
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    return name.data();
}

void writeAll(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return;  // nobody reads the log: nowhere left to say so
        }
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
}

}  // namespace

std::string onOneLine(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte != 0x7f) {
            line += character;
            continue;
        }
        std::array<char, 8> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(byte));
        line += escaped.data();
    }
    return line;
}

void writeLog(std::string_view component, const LogEvent& event) {
    // Keeps the lines in the order of their times. Trivial to destroy, so it is there for a thread
    // that outlives main().
    static std::mutex mutex;

    const char* const severity = event.level == LogLevel::warning ? "W" : "I";
    std::string rest = "\"s\":" + column(quoted(severity), 6);
    rest += "\"c\":" + column(quoted(component), 12);
    rest += "\"id\":" + column(std::to_string(event.id), 9);
    rest += "\"ctx\":" + quoted(threadName()) + ",\"msg\":" + quoted(event.message);
    const char* before = ",\"attr\":{";
    for (const auto& [name, value] : event.attributes) {
        rest += before + quoted(name) + ':' + json(value);
        before = ",";
    }
    rest += event.attributes.empty() ? "}\n" : "}}\n";

    const std::lock_guard<std::mutex> lock(mutex);
    writeAll("{\"t\":{\"$date\":\"" + timestamp() + "\"}," + rest);
}

}  // namespace telemetry_host
