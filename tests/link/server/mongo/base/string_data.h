#ifndef STAND_IN_BASE_STRING_DATA_H
#define STAND_IN_BASE_STRING_DATA_H

#include <cstring>
#include <string>

namespace mongo {

class StringData {
public:
    StringData(const char* text) : StringData(text, std::strlen(text)) {
    }
    StringData(const std::string& text) : StringData(text.data(), text.size()) {
    }
    StringData(const char* data, std::size_t size) : _data(data), _size(size) {
    }

    const char* rawData() const {
        return _data;
    }

    std::size_t size() const {
        return _size;
    }

    explicit operator std::string() const {
        return {_data, _size};
    }

private:
    const char* _data;
    std::size_t _size;
};

}  // namespace mongo

#endif  // STAND_IN_BASE_STRING_DATA_H
