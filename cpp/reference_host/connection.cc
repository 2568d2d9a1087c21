#include "connection.h"

#include <exception>

#include "sockets.h"

namespace telemetry_host {

std::optional<std::string> serveConnection(const UniqueFd& socket, const Responder& respond) {
    std::int32_t replyId = 0;
    try {
        for (;;) {
            std::vector<std::uint8_t> message;
            if (!receive(socket, message, kHeaderSize)) {
                return message.empty() ? std::nullopt
                                       : std::optional<std::string>("a message broke off");
            }
            const std::size_t length = messageLength({message.data(), message.size()});
            if (!receive(socket, message, length - kHeaderSize)) {
                return "a message broke off";
            }
            const Request request = parseRequest({message.data(), message.size()});
            const std::optional<Document> reply = respond(request);
            if (!reply ||
                (request.wantsReply && !sendAll(socket, encodeReply(request, *reply, ++replyId)))) {
                return std::nullopt;
            }
        }
    } catch (const std::exception& error) {  // BadMessage, or no memory for this one
        return error.what();
    }
}

}  // namespace telemetry_host
