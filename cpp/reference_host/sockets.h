// TCP sockets. Sending never raises SIGPIPE, whose disposition is left as it was found: a library
// in this process must not come to depend on it.

#ifndef TELEMETRY_HOST_SOCKETS_H
#define TELEMETRY_HOST_SOCKETS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "unique_fd.h"

namespace telemetry_host {

// A non-blocking socket that listens on a numeric address (or "localhost"). Throws StartupError.
UniqueFd listenOn(const std::string& address, std::uint16_t port);

// Accepts a waiting connection. Empty if there is none after all, or by errno.
UniqueFd acceptFrom(const UniqueFd& listener) noexcept;

// The port that a socket is bound to; 0 if there is none.
std::uint16_t localPort(const UniqueFd& socket) noexcept;

// Whether the other end is on this host's loopback.
bool isPeerOnLoopback(const UniqueFd& socket) noexcept;

// Appends `size` more bytes to the buffer as they come; false if they end or fail before that.
bool receive(const UniqueFd& socket, std::vector<std::uint8_t>& buffer, std::size_t size);

bool sendAll(const UniqueFd& socket, const std::vector<std::uint8_t>& bytes) noexcept;

// Ends both directions: the peer sees the end, and a thread blocked on the socket wakes up.
void shutDownSocket(const UniqueFd& socket) noexcept;

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_SOCKETS_H
