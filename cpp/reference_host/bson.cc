#include "bson.h"

#include <chrono>

namespace telemetry_host {
namespace {

int length(std::string_view text) noexcept {
    return static_cast<int>(text.size());
}

bool isUtf8(std::string_view text) noexcept {
    return bson_utf8_validate(text.data(), text.size(), true);
}

// Whether each text in an element is UTF-8; most have none. The scope of code is not looked into.
bool hasUtf8(const bson_iter_t& element) {
    std::uint32_t size = 0;
    switch (bson_iter_type(&element)) {
        case BSON_TYPE_UTF8:
            return isUtf8(textOf(element));
        case BSON_TYPE_CODE: {
            const char* const code = bson_iter_code(&element, &size);
            return isUtf8({code, size});
        }
        case BSON_TYPE_SYMBOL: {
            const char* const symbol = bson_iter_symbol(&element, &size);
            return isUtf8({symbol, size});
        }
        case BSON_TYPE_CODEWSCOPE: {
            std::uint32_t scopeSize = 0;
            const std::uint8_t* scope = nullptr;
            const char* const code = bson_iter_codewscope(&element, &size, &scopeSize, &scope);
            return isUtf8({code, size});
        }
        case BSON_TYPE_REGEX: {
            const char* options = nullptr;
            const char* const regex = bson_iter_regex(&element, &options);
            return isUtf8(regex) && isUtf8(options);
        }
        case BSON_TYPE_DBPOINTER: {
            const char* collection = nullptr;
            bson_iter_dbpointer(&element, &size, &collection, nullptr);
            return isUtf8({collection, size});
        }
        default:
            return true;
    }
}

// In place of bson_validate(): that one recurses as deep as the document goes, so that 1 MiB can
// overflow the stack, and in libbson 1.23 it lets strings pass that are not UTF-8. The iterator
// checks sizes and bounds.
bool isSound(const bson_iter_t& start, int levels) {
    bson_iter_t element = start;
    while (bson_iter_next(&element)) {
        bson_iter_t child;
        const bson_type_t type = bson_iter_type(&element);
        if (!isUtf8(bson_iter_key(&element)) || !hasUtf8(element)) {
            return false;
        }
        if (type == BSON_TYPE_DOCUMENT || type == BSON_TYPE_ARRAY) {
            if (!bson_iter_recurse(&element, &child)) {
                return false;
            }
        } else if (type == BSON_TYPE_CODEWSCOPE) {
            std::uint32_t codeSize = 0;
            std::uint32_t scopeSize = 0;
            const std::uint8_t* scope = nullptr;
            bson_iter_codewscope(&element, &codeSize, &scopeSize, &scope);
            if (scope == nullptr || !bson_iter_init_from_data(&child, scope, scopeSize)) {
                return false;
            }
        } else {
            continue;
        }
        if (levels == 0 || !isSound(child, levels - 1)) {
            return false;
        }
    }
    return element.err_off == 0;
}

}  // namespace

Document::Document() : Document(bson_new()) {
}

std::optional<Document> Document::fromUntrusted(Bytes bytes) {
    Document document(bson_new_from_data(bytes.data, bytes.size));
    bson_iter_t first;
    if (!document._bson || !bson_iter_init(&first, document.get()) || !isSound(first, kMaxDepth)) {
        return std::nullopt;
    }
    return document;
}

std::optional<Document> Document::fromJson(const std::string& json) {
    bson_error_t error;
    Document document(bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                         static_cast<ssize_t>(json.size()), &error));
    if (!document._bson) {
        return std::nullopt;
    }
    return document;
}

void Document::addBool(std::string_view key, bool value) {
    bson_append_bool(_bson.get(), key.data(), length(key), value);
}

void Document::addInt32(std::string_view key, std::int32_t value) {
    bson_append_int32(_bson.get(), key.data(), length(key), value);
}

void Document::addInt64(std::string_view key, std::int64_t value) {
    bson_append_int64(_bson.get(), key.data(), length(key), value);
}

void Document::addDouble(std::string_view key, double value) {
    bson_append_double(_bson.get(), key.data(), length(key), value);
}

void Document::addText(std::string_view key, std::string_view value) {
    const std::string text = asUtf8(value);
    bson_append_utf8(_bson.get(), key.data(), length(key), text.data(), length(text));
}

void Document::addNow(std::string_view key) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    bson_append_date_time(_bson.get(), key.data(), length(key),
                          std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void Document::addDocument(std::string_view key, const Document& value) {
    bson_append_document(_bson.get(), key.data(), length(key), value.get());
}

void Document::addArray(std::string_view key, const std::vector<std::string>& values) {
    Document array;
    for (std::size_t i = 0; i < values.size(); ++i) {
        array.addText(std::to_string(i), values[i]);
    }
    bson_append_array(_bson.get(), key.data(), length(key), array.get());
}

void Document::addArray(std::string_view key, const std::vector<std::int32_t>& values) {
    Document array;
    for (std::size_t i = 0; i < values.size(); ++i) {
        array.addInt32(std::to_string(i), values[i]);
    }
    bson_append_array(_bson.get(), key.data(), length(key), array.get());
}

void Document::addElement(std::string_view key, const bson_iter_t& element) {
    bson_append_iter(_bson.get(), key.data(), length(key), &element);
}

Bytes Document::bytes() const noexcept {
    return {bson_get_data(_bson.get()), _bson->len};
}

std::string_view textOf(const bson_iter_t& element) {
    std::uint32_t size = 0;
    const char* const text = bson_iter_utf8(&element, &size);
    return text == nullptr ? std::string_view() : std::string_view(text, size);
}

std::string asUtf8(std::string_view text) {
    constexpr std::size_t longest = 4;  // bytes of a character
    if (isUtf8(text)) {
        return std::string(text);
    }
    std::string result;
    while (!text.empty()) {
        std::size_t size = 1;
        while (size <= longest && !isUtf8(text.substr(0, size))) {
            ++size;
        }
        const bool isCharacter = size <= longest;
        result += isCharacter ? text.substr(0, size) : "\uFFFD";
        text.remove_prefix(isCharacter ? size : 1);
    }
    return result;
}

std::string_view typeName(bson_type_t type) noexcept {
    switch (type) {
        case BSON_TYPE_DOUBLE:
            return "double";
        case BSON_TYPE_UTF8:
            return "string";
        case BSON_TYPE_DOCUMENT:
            return "object";
        case BSON_TYPE_ARRAY:
            return "array";
        case BSON_TYPE_BINARY:
            return "binData";
        case BSON_TYPE_UNDEFINED:
            return "undefined";
        case BSON_TYPE_OID:
            return "objectId";
        case BSON_TYPE_BOOL:
            return "bool";
        case BSON_TYPE_DATE_TIME:
            return "date";
        case BSON_TYPE_NULL:
            return "null";
        case BSON_TYPE_REGEX:
            return "regex";
        case BSON_TYPE_DBPOINTER:
            return "dbPointer";
        case BSON_TYPE_CODE:
            return "javascript";
        case BSON_TYPE_SYMBOL:
            return "symbol";
        case BSON_TYPE_CODEWSCOPE:
            return "javascriptWithScope";
        case BSON_TYPE_INT32:
            return "int";
        case BSON_TYPE_TIMESTAMP:
            return "timestamp";
        case BSON_TYPE_INT64:
            return "long";
        case BSON_TYPE_DECIMAL128:
            return "decimal";
        case BSON_TYPE_MINKEY:
            return "minKey";
        case BSON_TYPE_MAXKEY:
            return "maxKey";
        case BSON_TYPE_EOD:
            break;
    }
    return "unknown";
}

}  // namespace telemetry_host
