// The host's log: lines on standard output, each written whole and at once.

#ifndef TELEMETRY_HOST_LOG_H
#define TELEMETRY_HOST_LOG_H

#include <string>
#include <string_view>

namespace telemetry_host {

enum class Severity { info, warning };

// Writes `<ISO 8601 UTC time> <I|W> <component> <message>`. Safe from any thread, until the process
// ends.
void writeLog(Severity severity, std::string_view component, std::string_view message);

// The text with control characters written as \xNN, so that it stays on one line.
std::string onOneLine(std::string_view text);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_LOG_H
