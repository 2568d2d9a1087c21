#ifndef STAND_IN_IDL_SERVER_PARAMETER_H
#define STAND_IN_IDL_SERVER_PARAMETER_H

#include <string>

#include "mongo/base/init.h"
#include "mongo/base/status.h"
#include "mongo/bson/bson.h"
#include "mongo/registry.h"

namespace mongo {

class OperationContext;

class ServerParameter {
public:
    ServerParameter(StringData name, ServerParameterType type)
        : _name(std::string(name)), _type(type) {
#if MONGO_STAND_IN < 60
        registry()[_name] = this;
#endif
    }
    virtual ~ServerParameter() = default;

    std::string name() const {
        return _name;
    }

    ServerParameterType type() const {
        return _type;
    }

    virtual void append(OperationContext*, BSONObjBuilder&, const std::string&) = 0;
    virtual Status set(const BSONElement&) = 0;
    virtual Status setFromString(const std::string&) = 0;

private:
    std::string _name;
    ServerParameterType _type;
};

#if MONGO_STAND_IN >= 60
inline void registerServerParameter(ServerParameter* parameter) {
    registry()[parameter->name()] = parameter;
}
#endif

}  // namespace mongo

#endif  // STAND_IN_IDL_SERVER_PARAMETER_H
