// Reads little-endian fields from a buffer, and never past its end.

#ifndef TELEMETRY_HOST_BYTE_READER_H
#define TELEMETRY_HOST_BYTE_READER_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "bson.h"

namespace telemetry_host {

// Each function takes what it returns off the front, and throws BadMessage if that is not there.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) noexcept : _left(bytes) {
    }

    bool atEnd() const noexcept {
        return _left.size == 0;
    }

    std::uint8_t byte();
    std::uint32_t uint32();
    std::int32_t int32();
    std::string cString();
    Document document();

    // The next `size` bytes, to be read on their own.
    ByteReader part(std::size_t size);

private:
    Bytes take(std::size_t size);

    Bytes _left;
};

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_BYTE_READER_H
