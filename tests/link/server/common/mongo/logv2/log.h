#ifdef STAND_IN_LOGV2_LOG_H
#error "mongo/logv2/log.h is not to be included by a header"
#endif
#define STAND_IN_LOGV2_LOG_H

#include <cstring>
#include <string>

#include "mongo/logv2/lines.h"

namespace mongo {
namespace logv2 {

struct Attribute {
    const char* name;
    const std::string& value;
};

struct AttributeName {
    const char* name;

    Attribute operator=(const std::string& value) const {
        return {name, value};
    }
};

inline void write(const char* component, int id, const char* severity, const char* message,
                  const Attribute& attribute) {
    Lines::instance().add({component, id, severity, message, attribute.name, attribute.value});
}

}  // namespace logv2

inline logv2::AttributeName operator""_attr(const char* name, std::size_t) {
    return {name};
}

}  // namespace mongo

#define STAND_IN_WORD(WORD) #WORD
#define STAND_IN_TEXT(TEXT) STAND_IN_WORD(TEXT)
#define LOGV2(ID, MESSAGE, ATTRIBUTE) \
    ::mongo::logv2::write(STAND_IN_TEXT(MONGO_LOGV2_DEFAULT_COMPONENT), ID, "I", MESSAGE, ATTRIBUTE)
#define LOGV2_WARNING(ID, MESSAGE, ATTRIBUTE) \
    ::mongo::logv2::write(STAND_IN_TEXT(MONGO_LOGV2_DEFAULT_COMPONENT), ID, "W", MESSAGE, ATTRIBUTE)
