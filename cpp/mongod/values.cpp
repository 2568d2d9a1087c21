// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/values.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "mongo/bson/json.h"

namespace mongo::percona_telemetry {
namespace {

// The shell sends every number as a double: 1 arrives as 1.0.
std::string textOf(double number) {
    constexpr double exact = 9007199254740992;  // 2^53: doubles hold all whole numbers up to it
    const bool whole = std::abs(number) <= exact && std::trunc(number) == number;
    std::array<char, 64> text{};
    std::snprintf(text.data(),
                  text.size(),
                  whole ? "%.0f" : "%.17g",
                  number == 0 ? 0.0 : number);  // -0 is 0
    return text.data();
}

}  // namespace

StatusWith<std::string> textOf(const BSONElement& value) {
    switch (value.type()) {
        case BSONType::Bool:
            return std::string(value.Bool() ? "true" : "false");
        case BSONType::NumberInt:
            return std::to_string(value.Int());
        case BSONType::NumberLong:
            return std::to_string(value.Long());
        case BSONType::NumberDouble:
            return textOf(value.Double());
        case BSONType::String: {
            std::string text(value.valueStringData());
            if (text.find('\0') != std::string::npos) {
                return Status(ErrorCodes::BadValue,
                              "a string with a NUL character in it is not accepted");
            }
            return text;
        }
        default:
            return Status(ErrorCodes::BadValue,
                          "a value of type " + std::string(typeName(value.type())) +
                              " is not accepted: use a bool, a number or a string");
    }
}

BSONObj documentOf(const std::string& key, const std::string& json) {
    return fromjson("{\"" + key + "\": " + json + "}");
}

}  // namespace mongo::percona_telemetry
