// Any bytes as a message to the reference host: the reader refuses them, or understands them in one
// way, and the answer is a message that every client can read.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "commands.h"
#include "message.h"

using namespace telemetry_host;

namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint32_t kOpMsg = 2013;

void check(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

std::uint32_t numberAt(const Buffer& bytes, std::size_t at) {
    check(bytes.size() >= at + 4, "a number is there");
    return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
           static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

void putAt(Buffer& bytes, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
}

std::optional<Request> read(const Buffer& message) {
    try {
        return parseRequest({message.data(), message.size()});
    } catch (const BadMessage& error) {
        const std::string words = error.what();
        check(!words.empty() && words.size() < 200, "a refusal is a sentence");
        return std::nullopt;
    }
}

// By libbson's own judgement, which knows nothing of the reader's. bson_validate() lets strings
// pass that are not UTF-8; what makes JSON of them does not.
bool isValidBson(Bytes bytes) {
    bson_t document;
    if (!bson_init_static(&document, bytes.data, bytes.size) ||
        !bson_validate(&document, BSON_VALIDATE_NONE, nullptr)) {
        return false;
    }
    char* const json = bson_as_canonical_extended_json(&document, nullptr);
    bson_free(json);
    return json != nullptr;
}

bool equal(Bytes left, Bytes right) {
    return left.size == right.size && std::equal(left.data, left.data + left.size, right.data);
}

void checkRequest(const Buffer& message, const Request& request) {
    check(request.id == numberAt(message, 4), "the id is the message's");
    const Bytes command = request.command.bytes();
    check(command.size <= message.size() - kHeaderSize, "the command fits into the message");
    check(std::search(message.begin(), message.end(), command.data, command.data + command.size) !=
              message.end(),
          "the command stands in the message");
    check(isValidBson(command), "what is taken is BSON");
}

// What is understood, said again in the plainest way, is understood alike.
void checkSaidAgain(const Request& request) {
    const Bytes command = request.command.bytes();
    Buffer again(kHeaderSize + 5);
    again.insert(again.end(), command.data, command.data + command.size);
    putAt(again, 0, static_cast<std::uint32_t>(again.size()));
    putAt(again, 12, kOpMsg);
    const auto reread = read(again);
    check(reread && reread->wantsReply && !reread->isLegacy, "the plainest message is taken");
    check(equal(reread->command.bytes(), command), "the same command");
    check(request.isLegacy || reread->database == request.database, "the same database");
}

void checkReply(const Request& request, const Document& answer) {
    const Buffer reply = encodeReply(request, answer, 77);
    check(messageLength({reply.data(), reply.size()}) == reply.size(), "as long as it says");
    check(numberAt(reply, 4) == 77, "the reply's id");
    check(numberAt(reply, 8) == request.id, "which request it answers");
    check(numberAt(reply, 12) == (request.isLegacy ? 1 : kOpMsg), "the operation");
    const std::size_t fields = request.isLegacy ? 20 : 5;
    check(reply.size() > kHeaderSize + fields, "there is an answer");
    const Bytes body{reply.data() + kHeaderSize + fields, reply.size() - kHeaderSize - fields};
    check(isValidBson(body), "the answer is BSON");
    check(bson_has_field(answer.get(), "ok"), "the answer says whether it is one");
}

void serve(const Buffer& message) {
    const auto request = read(message);
    if (!request) {
        return;
    }
    checkRequest(message, *request);
    checkSaidAgain(*request);

    static const Options options;
    psmdb::telemetry::Telemetry telemetry(nullptr);
    bool shutdown = false;
    const CommandContext context{telemetry, options, [&shutdown] { shutdown = true; }};
    const auto answer = runCommand(context, *request, 1);
    check(answer.has_value() != shutdown, "only a shutdown goes without an answer");
    if (answer) {
        checkReply(*request, *answer);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Buffer message(data, data + size);
    serve(message);
    // The length is hard to guess: put right, what is behind it is reached.
    if (size >= kHeaderSize && size <= static_cast<std::size_t>(kMaxMessageSize)) {
        putAt(message, 0, static_cast<std::uint32_t>(size));
        serve(message);
    }
    return 0;
}
