#include "message.h"

#include <algorithm>
#include <utility>

namespace telemetry_host {
namespace {

constexpr std::uint32_t kOpReply = 1;
constexpr std::uint32_t kOpQuery = 2004;
constexpr std::uint32_t kOpMsg = 2013;

// OP_MSG flags. A receiver must know each flag of the lower half and may ignore the others.
constexpr std::uint32_t kChecksumPresent = 1U << 0;
constexpr std::uint32_t kMoreToCome = 1U << 1;
constexpr std::uint32_t kRequiredFlags = 0xffff;
constexpr std::size_t kChecksumSize = 4;

constexpr std::uint8_t kBodySection = 0;
constexpr std::uint8_t kSequenceSection = 1;

constexpr std::uint32_t kReplyAwaitCapable = 1U << 3;  // OP_REPLY flag, set by every server

// Reads little-endian fields off the front of a buffer; throws BadMessage at its end.
class Reader {
public:
    explicit Reader(Bytes bytes) noexcept : _left(bytes) {
    }

    std::size_t left() const noexcept {
        return _left.size;
    }

    Bytes take(std::size_t size) {
        if (size > _left.size) {
            throw BadMessage("the message is shorter than its content says");
        }
        const Bytes taken{_left.data, size};
        _left = {_left.data + size, _left.size - size};
        return taken;
    }

    std::uint32_t uint32() {
        const std::uint8_t* const bytes = take(4).data;
        return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
               static_cast<std::uint32_t>(bytes[3]) << 24;
    }

    // What begins with its own size, as a document does.
    Bytes sized() {
        const std::uint32_t size = Reader(*this).uint32();
        return take(std::max<std::size_t>(size, sizeof(size)));
    }

    std::string cString() {
        const auto* const text = reinterpret_cast<const char*>(_left.data);
        const std::string found(text, std::find(text, text + _left.size, '\0'));
        take(found.size() + 1);
        return found;
    }

    Document document() {
        auto document = Document::fromUntrusted(sized());
        if (!document) {
            throw BadMessage("a document in the message is not valid BSON");
        }
        return std::move(*document);
    }

private:
    Bytes _left;
};

void put(std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift & 0xff));
    }
}

void readMsg(Reader reader, Request& request) {
    const std::uint32_t flags = reader.uint32();
    if ((flags & kRequiredFlags & ~(kChecksumPresent | kMoreToCome)) != 0) {
        throw BadMessage("OP_MSG has a required flag that is not known here");
    }
    request.wantsReply = (flags & kMoreToCome) == 0;

    // TCP has a checksum of its own: the one at the end is not looked at.
    const std::size_t checksum = (flags & kChecksumPresent) != 0 ? kChecksumSize : 0;
    Reader checksummed(reader);
    checksummed.take(checksum);  // it is there
    Reader sections(reader.take(checksummed.left()));
    bool hasBody = false;
    while (sections.left() > 0) {
        const std::uint8_t kind = *sections.take(1).data;
        if (kind == kBodySection && !hasBody) {
            request.command = sections.document();
            hasBody = true;
        } else if (kind == kSequenceSection) {
            sections.sized();  // no command here takes a sequence
        } else {
            throw BadMessage("OP_MSG has a section that is not known here, or a second body");
        }
    }
    if (!hasBody) {
        throw BadMessage("OP_MSG has no body");
    }
    bson_iter_t database;
    if (bson_iter_init_find(&database, request.command.get(), "$db")) {
        request.database = textOf(database);
    }
}

void readQuery(Reader reader, Request& request) {
    request.isLegacy = true;
    reader.uint32();  // flags: none concerns a command
    if (reader.cString() != "admin.$cmd") {
        throw BadMessage("OP_QUERY is taken for commands on admin only");
    }
    request.database = "admin";
    reader.take(8);  // how many documents to skip, and to return
    request.command = reader.document();
    if (reader.left() > 0) {
        reader.document();  // the fields to return
    }
    if (reader.left() > 0) {
        throw BadMessage("OP_QUERY is longer than its content");
    }
}

}  // namespace

std::size_t messageLength(Bytes header) {
    const auto length = static_cast<std::int32_t>(Reader(header).uint32());
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
    Reader reader(message);
    Request request;
    reader.uint32();  // the length
    request.id = reader.uint32();
    reader.uint32();  // what it responds to: nothing, as it is a request
    const std::uint32_t operation = reader.uint32();
    if (operation == kOpMsg) {
        readMsg(reader, request);
    } else if (operation == kOpQuery) {
        readQuery(reader, request);
    } else {
        throw BadMessage("operation " + std::to_string(operation) + " is not known here");
    }
    return request;
}

std::vector<std::uint8_t> encodeReply(const Request& request, const Document& reply,
                                      std::uint32_t id) {
    const Bytes body = reply.bytes();
    std::vector<std::uint8_t> out;
    for (const std::uint32_t field :
         {0U /* the length */, id, request.id, request.isLegacy ? kOpReply : kOpMsg}) {
        put(out, field);
    }
    if (request.isLegacy) {
        // Flags, cursor id of 64 bits, starting from, how many documents.
        for (const std::uint32_t field : {kReplyAwaitCapable, 0U, 0U, 0U, 1U}) {
            put(out, field);
        }
    } else {
        put(out, 0);  // flags
        out.push_back(kBodySection);
    }
    out.insert(out.end(), body.data, body.data + body.size);
    std::vector<std::uint8_t> length;
    put(length, static_cast<std::uint32_t>(out.size()));
    std::copy(length.begin(), length.end(), out.begin());
    return out;
}

}  // namespace telemetry_host
