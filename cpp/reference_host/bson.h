// An owner for libbson's documents, which are built with its BCON or from JSON.

#pragma once

#include <bson/bson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace telemetry_host {

// A view of bytes that someone else owns.
struct Bytes {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

class Document {
public:
    // Takes over a document; by default an empty one.
    explicit Document(bson_t* owned = bson_new()) noexcept : _bson(owned) {
    }

    // A copy of a document that came from outside. Nothing if it is not valid BSON, or if a text in
    // it is not UTF-8. libbson recurses as deep as the document goes: who calls bounds its size.
    static std::optional<Document> fromUntrusted(Bytes bytes);

    // From the JSON text of a document. Nothing if it is not one.
    static std::optional<Document> fromJson(const std::string& json);

    bson_t* get() const noexcept {
        return _bson.get();
    }

    Bytes bytes() const noexcept {
        return {bson_get_data(_bson.get()), _bson->len};
    }

private:
    // Names the pointer type itself: as a template argument bson_t would lose its alignment.
    struct Destroy {
        using pointer = bson_t*;
        void operator()(bson_t* bson) const noexcept {
            bson_destroy(bson);
        }
    };

    std::unique_ptr<void, Destroy> _bson;
};

// The text of a string element, embedded NULs included. It lives as long as the document.
std::string_view textOf(const bson_iter_t& element);

// The text with a question mark in place of each byte of other than ASCII, if it is not UTF-8.
std::string asUtf8(std::string_view text);

}  // namespace telemetry_host
