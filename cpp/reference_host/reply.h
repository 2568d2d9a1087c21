// The two shapes of an answer: success, and an error.

#ifndef TELEMETRY_HOST_REPLY_H
#define TELEMETRY_HOST_REPLY_H

#include <cstdint>
#include <string_view>

#include "bson.h"

namespace telemetry_host {

struct ErrorCode {
    std::int32_t number;
    std::string_view name;
};

constexpr ErrorCode kInternalError{1, "InternalError"};
constexpr ErrorCode kBadValue{2, "BadValue"};
constexpr ErrorCode kUnauthorized{13, "Unauthorized"};
constexpr ErrorCode kCommandNotFound{59, "CommandNotFound"};
constexpr ErrorCode kUnsupportedOpQueryCommand{352, "UnsupportedOpQueryCommand"};
constexpr ErrorCode kNoDatabase{40571, "Location40571"};

// {..., ok: 1}
inline Document success(Document reply = Document()) {
    reply.addDouble("ok", 1);
    return reply;
}

// {ok: 0, errmsg}: a few errors of 4.4 carry no code.
inline Document failure(std::string_view message) {
    Document reply;
    reply.addDouble("ok", 0);
    reply.addText("errmsg", message);
    return reply;
}

// {ok: 0, errmsg, code, codeName}
inline Document failure(const ErrorCode& code, std::string_view message) {
    Document reply = failure(message);
    reply.addInt32("code", code.number);
    reply.addText("codeName", code.name);
    return reply;
}

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_REPLY_H
