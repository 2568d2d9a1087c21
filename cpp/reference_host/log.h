// The host's log: JSON documents on standard output, one a line, in the form of mongod 4.4.

#ifndef TELEMETRY_HOST_LOG_H
#define TELEMETRY_HOST_LOG_H

#include <string>
#include <string_view>

#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// An id is mongod's where mongod logs the same event. The host's own are 29900 to 29919, the
// library's 29800 to 29829.
using psmdb::telemetry::LogEvent;
using psmdb::telemetry::LogLevel;

constexpr std::string_view kControl = "CONTROL";
constexpr std::string_view kNetwork = "NETWORK";

// Writes an event of a component as one line, whole and at once; `ctx` is the calling thread's
// name. Safe from any thread, until the process ends.
void writeLog(std::string_view component, const LogEvent& event);

// The text with control characters written as \xNN, so that it stays on one line.
std::string onOneLine(std::string_view text);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_LOG_H
