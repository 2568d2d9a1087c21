// BSON of one level: a value that came as JSON stays JSON.

#ifndef STAND_IN_BSON_BSON_H
#define STAND_IN_BSON_BSON_H

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "mongo/base/string_data.h"

namespace mongo {

enum BSONType {
    EOO = 0,
    NumberDouble = 1,
    String = 2,
    Object = 3,
    Bool = 8,
    NumberInt = 16,
    NumberLong = 18
};

inline const char* typeName(BSONType type) {
    return type == Object ? "object" : "something else";
}

class BSONObj;

class BSONElement {
public:
    BSONElement(BSONType type, std::string text, double number = 0)
        : _type(type), _text(std::move(text)), _number(number) {
    }

    bool eoo() const {
        return _type == BSONType::EOO;
    }

    bool trueValue() const {
        return _text == "true";
    }

    BSONType type() const {
        return _type;
    }

    bool Bool() const {
        return number(BSONType::Bool) != 0;
    }

    int Int() const {
        return static_cast<int>(number(BSONType::NumberInt));
    }

    long long Long() const {
        return static_cast<long long>(number(BSONType::NumberLong));
    }

    double Double() const {
        return number(BSONType::NumberDouble);
    }

    StringData valueStringData() const {
        return _text;
    }

    BSONObj Obj() const;

private:
    // The real one throws on the wrong type, too.
    double number(BSONType type) const {
        if (_type != type) {
            throw std::logic_error("wrong type");
        }
        return _number;
    }

    friend class BSONObjBuilder;
    BSONType _type;
    std::string _text;
    double _number;
};

class BSONObj {
public:
    explicit BSONObj(std::string json) : _json(std::move(json)) {
    }

    // The document is known to have one field.
    BSONElement firstElement() const {
        const auto begin = _json.find(": ") + 2;
        return {Object, _json.substr(begin, _json.size() - begin - 1)};
    }

    BSONObj getOwned() const {
        return *this;
    }

    const std::string& json() const {
        return _json;
    }

private:
    std::string _json;
};

inline BSONObj BSONElement::Obj() const {
    return BSONObj(_text);
}

class BSONObjBuilder {
public:
    void appendAs(const BSONElement& value, StringData key) {
        _fields[std::string(key)] = value._text;
    }

    void appendBool(StringData key, bool value) {
        _fields[std::string(key)] = value ? "true" : "false";
    }

    void appendNull(StringData key) {
        _fields[std::string(key)] = "null";
    }

    // The builder is known to have one field.
    BSONObj obj() const {
        return BSONObj("{\"" + _fields.begin()->first + "\": " + _fields.begin()->second + "}");
    }

    const std::map<std::string, std::string>& fields() const {
        return _fields;
    }

private:
    std::map<std::string, std::string> _fields;
};

inline BSONObj fromjson(const std::string& json) {
    return BSONObj(json);
}

}  // namespace mongo

#endif  // STAND_IN_BSON_BSON_H
