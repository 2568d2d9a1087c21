#include "message.h"

#include <array>
#include <utility>

#include "byte_reader.h"

namespace telemetry_host {
namespace {

constexpr std::int32_t kOpReply = 1;
constexpr std::int32_t kOpQuery = 2004;
constexpr std::int32_t kOpMsg = 2013;

// OP_MSG flags. A receiver must know each flag of the lower half and may ignore the others.
constexpr std::uint32_t kChecksumPresent = 1U << 0;
constexpr std::uint32_t kMoreToCome = 1U << 1;
constexpr std::uint32_t kRequiredFlags = 0xffff;

constexpr std::uint8_t kBodySection = 0;
constexpr std::uint8_t kSequenceSection = 1;
constexpr std::size_t kChecksumSize = 4;

constexpr std::uint32_t kReplyAwaitCapable = 1U << 3;  // OP_REPLY flag, set by every server

constexpr std::array<std::uint32_t, 256> crc32cTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = value >> 1 ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
        }
        table[i] = value;
    }
    return table;
}

std::uint32_t crc32c(Bytes bytes) noexcept {
    static constexpr auto table = crc32cTable();
    std::uint32_t crc = 0xffffffffU;
    for (std::size_t i = 0; i < bytes.size; ++i) {
        crc = crc >> 8 ^ table[(crc ^ bytes.data[i]) & 0xff];
    }
    return ~crc;
}

void put(std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift & 0xff));
    }
}

std::string databaseOf(const Document& command) {
    bson_iter_t element;
    return bson_iter_init_find(&element, command.get(), "$db") ? std::string(textOf(element)) : "";
}

Request parseMsg(ByteReader reader, Bytes message) {
    Request request;
    const std::uint32_t flags = reader.uint32();
    if ((flags & kRequiredFlags & ~(kChecksumPresent | kMoreToCome)) != 0) {
        throw BadMessage("OP_MSG has a required flag that is not known here");
    }
    request.wantsReply = (flags & kMoreToCome) == 0;

    std::size_t sectionsSize = message.size - kHeaderSize - sizeof(flags);
    if ((flags & kChecksumPresent) != 0) {
        if (sectionsSize < kChecksumSize) {
            throw BadMessage("OP_MSG is too short for its checksum");
        }
        sectionsSize -= kChecksumSize;
    }
    ByteReader sections = reader.part(sectionsSize);
    if ((flags & kChecksumPresent) != 0 &&
        reader.uint32() != crc32c({message.data, message.size - kChecksumSize})) {
        throw BadMessage("the checksum of OP_MSG does not match");
    }

    bool hasBody = false;
    while (!sections.atEnd()) {
        const std::uint8_t kind = sections.byte();
        if (kind == kBodySection && !hasBody) {
            request.command = sections.document();
            hasBody = true;
        } else if (kind == kSequenceSection) {
            // Read to see that it is sound, and dropped: no command here takes a sequence.
            const std::int32_t size = sections.int32();
            if (size < static_cast<std::int32_t>(sizeof(size))) {
                throw BadMessage("a document sequence of OP_MSG has an impossible size");
            }
            ByteReader sequence = sections.part(static_cast<std::size_t>(size) - sizeof(size));
            sequence.cString();
            while (!sequence.atEnd()) {
                sequence.document();
            }
        } else {
            throw BadMessage("OP_MSG has a section that is not known here, or a second body");
        }
    }
    if (!hasBody) {
        throw BadMessage("OP_MSG has no body");
    }
    request.database = databaseOf(request.command);
    return request;
}

Request parseQuery(ByteReader reader) {
    Request request;
    request.isLegacy = true;
    reader.uint32();  // flags: none concerns a command
    if (reader.cString() != "admin.$cmd") {
        throw BadMessage("OP_QUERY is taken for commands on admin only");
    }
    request.database = "admin";
    reader.int32();  // documents to skip
    reader.int32();  // documents to return
    request.command = reader.document();
    if (!reader.atEnd()) {
        reader.document();  // the fields to return
    }
    if (!reader.atEnd()) {
        throw BadMessage("OP_QUERY is longer than its content");
    }
    return request;
}

}  // namespace

std::size_t messageLength(Bytes header) {
    const std::int32_t length = ByteReader(header).int32();
    if (length < static_cast<std::int32_t>(kHeaderSize) || length > kMaxMessageSize) {
        throw BadMessage("a message of " + std::to_string(length) + " bytes: this server takes " +
                         std::to_string(kHeaderSize) + " to " + std::to_string(kMaxMessageSize));
    }
    return static_cast<std::size_t>(length);
}

Request parseRequest(Bytes message) {
    if (message.size < kHeaderSize || messageLength(message) != message.size) {
        throw BadMessage("the message is not as long as it says");
    }
    ByteReader reader(message);
    reader.int32();  // the length
    const std::int32_t id = reader.int32();
    reader.int32();  // what it responds to: nothing, as it is a request
    const std::int32_t opCode = reader.int32();

    if (opCode != kOpMsg && opCode != kOpQuery) {
        throw BadMessage("operation " + std::to_string(opCode) + " is not known here");
    }
    Request request = opCode == kOpMsg ? parseMsg(reader, message) : parseQuery(reader);
    request.id = id;
    return request;
}

std::vector<std::uint8_t> encodeReply(const Request& request, const Document& reply,
                                      std::int32_t id) {
    std::vector<std::uint8_t> fields;
    if (request.isLegacy) {
        put(fields, kReplyAwaitCapable);
        put(fields, 0);  // cursor id, 64 bits
        put(fields, 0);
        put(fields, 0);  // starting from
        put(fields, 1);  // documents returned
    } else {
        put(fields, 0);  // flags
        fields.push_back(kBodySection);
    }

    const Bytes body = reply.bytes();
    const std::size_t length = kHeaderSize + fields.size() + body.size;
    std::vector<std::uint8_t> out;
    out.reserve(length);
    put(out, static_cast<std::uint32_t>(length));
    put(out, static_cast<std::uint32_t>(id));
    put(out, static_cast<std::uint32_t>(request.id));
    put(out, static_cast<std::uint32_t>(request.isLegacy ? kOpReply : kOpMsg));
    out.insert(out.end(), fields.begin(), fields.end());
    out.insert(out.end(), body.data, body.data + body.size);
    return out;
}

}  // namespace telemetry_host
