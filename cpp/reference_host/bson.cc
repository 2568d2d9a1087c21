#include "bson.h"

#include <algorithm>

namespace telemetry_host {

std::optional<Document> Document::fromUntrusted(Bytes bytes) {
    Document document(bson_new_from_data(bytes.data, bytes.size));
    if (document._bson == nullptr || !bson_validate(document.get(), BSON_VALIDATE_NONE, nullptr)) {
        return std::nullopt;
    }
    // In libbson 1.23 bson_validate() lets strings pass that are not UTF-8; this does not.
    char* const json = bson_as_canonical_extended_json(document.get(), nullptr);
    bson_free(json);
    return json == nullptr ? std::nullopt : std::optional<Document>(std::move(document));
}

std::optional<Document> Document::fromJson(const std::string& json) {
    bson_error_t error;
    Document document(bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                         static_cast<ssize_t>(json.size()), &error));
    return document._bson == nullptr ? std::nullopt : std::optional<Document>(std::move(document));
}

std::string_view textOf(const bson_iter_t& element) {
    std::uint32_t size = 0;
    const char* const text = bson_iter_utf8(&element, &size);
    return text == nullptr ? std::string_view() : std::string_view(text, size);
}

std::string asUtf8(std::string_view text) {
    std::string result(text);
    if (!bson_utf8_validate(text.data(), text.size(), true)) {
        std::replace_if(
            result.begin(), result.end(),
            [](char character) { return static_cast<unsigned char>(character) > 0x7f; }, '?');
    }
    return result;
}

}  // namespace telemetry_host
