#ifdef STAND_IN_LOGV2_LOG_H
#error "mongo/logv2/log.h is not to be included by a header"
#endif
#define STAND_IN_LOGV2_LOG_H

#include <map>
#include <string>

#include "mongo/base/string_data.h"
#include "mongo/logv2/lines.h"
#include "mongo/util/concurrency/thread_name.h"

namespace mongo {
namespace logv2 {

class DynamicAttributes {
public:
    template <std::size_t N>
    void add(const char (&name)[N], StringData value) {
        _all[name] = std::string(value);
    }

    template <std::size_t N>
    void add(const char (&name)[N], long long value) {
        _all[name] = std::to_string(value);
    }

    template <std::size_t N>
    void add(const char (&name)[N], bool value) {
        _all[name] = value ? "true" : "false";
    }

    const std::map<std::string, std::string>& all() const {
        return _all;
    }

private:
    std::map<std::string, std::string> _all;
};

struct Attribute {
    const char* name;
    std::string value;
};

struct AttributeName {
    const char* name;

    Attribute operator=(const std::string& value) const {
        return {name, value};
    }

    Attribute operator=(int value) const {
        return {name, std::to_string(value)};
    }
};

inline void write(const char* component, const char* severity, int id, const char* message,
                  const DynamicAttributes& attributes) {
    Lines::instance().add({component, id, severity, message, attributes.all(), threadName});
}

inline void write(const char* component, const char* severity, int id, const char* message,
                  const Attribute& first, const Attribute& second) {
    Lines::instance().add({component,
                           id,
                           severity,
                           message,
                           {{first.name, first.value}, {second.name, second.value}},
                           threadName});
}

}  // namespace logv2

inline logv2::AttributeName operator""_attr(const char* name, std::size_t) {
    return {name};
}

}  // namespace mongo

#define STAND_IN_WORD(WORD) #WORD
#define STAND_IN_TEXT(TEXT) STAND_IN_WORD(TEXT)
#define LOGV2(ID, ...) \
    ::mongo::logv2::write(STAND_IN_TEXT(MONGO_LOGV2_DEFAULT_COMPONENT), "I", ID, __VA_ARGS__)
#define LOGV2_WARNING(ID, ...) \
    ::mongo::logv2::write(STAND_IN_TEXT(MONGO_LOGV2_DEFAULT_COMPONENT), "W", ID, __VA_ARGS__)
