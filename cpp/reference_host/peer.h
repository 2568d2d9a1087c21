// What a command may want to know of the connection it came on.

#ifndef TELEMETRY_HOST_PEER_H
#define TELEMETRY_HOST_PEER_H

#include <cstdint>

namespace telemetry_host {

struct Peer {
    std::int32_t connectionId = 0;
    bool onLoopback = false;

    // Of the whole server, when the command came.
    std::int32_t connectionsOpen = 0;
    std::int32_t connectionsAvailable = 0;
    std::int32_t connectionsEver = 0;
};

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_PEER_H
