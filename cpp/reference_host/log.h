// The host's log: JSON documents on standard output, one a line, in the form of mongod 4.4.

#pragma once

#include <string_view>

#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// Writes an event of a component as one line, whole and at once; `ctx` is the calling thread's
// name. Safe from any thread, until the process ends. An id is mongod's where mongod logs the same
// event; the host's own are 29900 to 29919.
void writeLog(std::string_view component, const psmdb::telemetry::LogEvent& event);

}  // namespace telemetry_host
