#include "byte_reader.h"

#include <algorithm>

#include "message.h"

namespace telemetry_host {

Bytes ByteReader::take(std::size_t size) {
    if (size > _left.size) {
        throw BadMessage("the message is shorter than its content says");
    }
    const Bytes taken{_left.data, size};
    _left.data += size;
    _left.size -= size;
    return taken;
}

std::uint8_t ByteReader::byte() {
    return *take(1).data;
}

std::uint32_t ByteReader::uint32() {
    const Bytes bytes = take(4);
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size; i > 0; --i) {
        value = value << 8 | bytes.data[i - 1];
    }
    return value;
}

std::int32_t ByteReader::int32() {
    return static_cast<std::int32_t>(uint32());
}

std::string ByteReader::cString() {
    const std::uint8_t* const end = _left.data + _left.size;
    const std::uint8_t* const zero = std::find(_left.data, end, std::uint8_t{0});
    if (zero == end) {
        throw BadMessage("a string in the message does not end");
    }
    const Bytes text = take(static_cast<std::size_t>(zero - _left.data));
    take(1);
    return std::string(text.data, text.data + text.size);
}

Document ByteReader::document() {
    const std::int32_t size = ByteReader(*this).int32();  // a document begins with its own size
    if (size < 0) {
        throw BadMessage("a document in the message has a negative size");
    }
    auto document = Document::fromUntrusted(take(static_cast<std::size_t>(size)));
    if (!document) {
        throw BadMessage("a document in the message is not valid BSON");
    }
    return std::move(*document);
}

ByteReader ByteReader::part(std::size_t size) {
    return ByteReader(take(size));
}

}  // namespace telemetry_host
