// The calls that the server makes of a parameter, in the shape of the version stood in for.

#ifndef STAND_IN_SHAPE_H
#define STAND_IN_SHAPE_H

#include <string>

#if MONGO_STAND_IN < 70
#include "mongo/idl/server_parameter.h"
#else
#include "mongo/db/server_parameter.h"
#endif

namespace mongo {

inline ServerParameter& parameter(const std::string& name) {
    return *registry().at(name);
}

#if MONGO_STAND_IN < 70
inline Status setAtStartup(const std::string& name, const std::string& text) {
    return parameter(name).setFromString(text);
}

inline Status setAtRuntime(const std::string& name, const BSONElement& value) {
    return parameter(name).set(value);
}

inline void append(BSONObjBuilder& reply, const std::string& name) {
    parameter(name).append(nullptr, reply, name);
}
#else
inline Status setAtStartup(const std::string& name, const std::string& text) {
    return parameter(name).setFromString(text, {});
}

inline Status setAtRuntime(const std::string& name, const BSONElement& value) {
    return parameter(name).set(value, {});
}

inline void append(BSONObjBuilder& reply, const std::string& name) {
    parameter(name).append(nullptr, &reply, name, {});
}
#endif

}  // namespace mongo

#endif  // STAND_IN_SHAPE_H
