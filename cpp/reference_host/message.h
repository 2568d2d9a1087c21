// The MongoDB wire protocol between bytes and documents: OP_MSG, and the OP_QUERY handshake that
// older drivers begin with. Pure functions over buffers: no socket, no state.

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "bson.h"

namespace telemetry_host {

constexpr std::size_t kHeaderSize = 16;

// Far below the protocol's 48000000: nothing that this server is asked is large, and a document so
// small is not nested so deep that libbson's recursion could overflow a stack.
constexpr std::int32_t kMaxMessageSize = 16 * 1024;

// Bytes that are no message this server takes. The connection they came on is closed.
class BadMessage : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Request {
    std::uint32_t id = 0;
    bool isLegacy = false;  // came as OP_QUERY, and is answered with OP_REPLY
    bool wantsReply = true;
    std::string database;
    Document command;
};

// The length of a whole message, from its first kHeaderSize bytes. Throws BadMessage if no message
// can be that long.
std::size_t messageLength(Bytes header);

// Reads one whole message. Throws BadMessage.
Request parseRequest(Bytes message);

// The message that answers a request.
std::vector<std::uint8_t> encodeReply(const Request& request, const Document& reply,
                                      std::uint32_t id);

}  // namespace telemetry_host
