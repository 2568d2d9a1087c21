// Owning, building and checking BSON documents: a thin layer over libbson.

#ifndef TELEMETRY_HOST_BSON_H
#define TELEMETRY_HOST_BSON_H

#include <bson/bson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telemetry_host {

// A view of bytes that someone else owns.
struct Bytes {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

// A BSON document. Text that is not UTF-8 is made so when it is added, so that no client
// stumbles over an answer.
class Document {
public:
    Document();

    // A copy of a document that came from outside. Nothing if it is not valid BSON, holds text that
    // is not UTF-8, or is nested deeper than kMaxDepth.
    static std::optional<Document> fromUntrusted(Bytes bytes);

    // From the JSON text of a document. Nothing if it is not one.
    static std::optional<Document> fromJson(const std::string& json);

    void addBool(std::string_view key, bool value);
    void addInt32(std::string_view key, std::int32_t value);
    void addInt64(std::string_view key, std::int64_t value);
    void addDouble(std::string_view key, double value);
    void addText(std::string_view key, std::string_view value);
    void addNow(std::string_view key);
    void addDocument(std::string_view key, const Document& value);
    void addArray(std::string_view key, const std::vector<std::string>& values);
    void addArray(std::string_view key, const std::vector<std::int32_t>& values);
    void addElement(std::string_view key, const bson_iter_t& element);

    const bson_t* get() const noexcept {
        return _bson.get();
    }
    Bytes bytes() const noexcept;

    // As deep as MongoDB lets documents be.
    static constexpr int kMaxDepth = 200;

private:
    // Names the pointer type itself: as a template argument bson_t would lose its alignment.
    struct Destroy {
        using pointer = bson_t*;
        void operator()(bson_t* bson) const noexcept {
            bson_destroy(bson);
        }
    };

    explicit Document(bson_t* owned) noexcept : _bson(owned) {
    }

    std::unique_ptr<void, Destroy> _bson;
};

// The text of a string element, embedded NULs included. It lives as long as the document.
std::string_view textOf(const bson_iter_t& element);

// The text with U+FFFD in place of each byte that is not UTF-8.
std::string asUtf8(std::string_view text);

// What MongoDB calls a type, for messages.
std::string_view typeName(bson_type_t type) noexcept;

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_BSON_H
