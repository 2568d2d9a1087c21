// One client's connection.

#ifndef TELEMETRY_HOST_CONNECTION_H
#define TELEMETRY_HOST_CONNECTION_H

#include <functional>
#include <optional>

#include "message.h"
#include "unique_fd.h"

namespace telemetry_host {

// Answers a request; no answer closes the connection. It runs on the connection's thread.
using Responder = std::function<std::optional<Document>(const Request&)>;

// Reads and answers messages until the peer goes, sends something that is no message, or is not to
// be answered. Returns why the connection is to be closed, where that is worth a line in the log.
std::optional<std::string> serveConnection(const UniqueFd& socket, const Responder& respond);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_CONNECTION_H
