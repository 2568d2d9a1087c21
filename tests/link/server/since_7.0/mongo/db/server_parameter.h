#ifndef STAND_IN_DB_SERVER_PARAMETER_H
#define STAND_IN_DB_SERVER_PARAMETER_H

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mongo/base/init.h"
#include "mongo/base/status.h"
#include "mongo/bson/bson.h"
#include "mongo/registry.h"

namespace boost {

template <typename T>
using optional = std::optional<T>;

}  // namespace boost

namespace mongo {

class OperationContext;
class TenantId {};

class ServerParameter {
public:
    ServerParameter(StringData name, ServerParameterType type)
        : _name(std::string(name)), _type(type) {
    }
    virtual ~ServerParameter() = default;

    std::string name() const {
        return _name;
    }

    ServerParameterType type() const {
        return _type;
    }

    virtual void append(OperationContext*, BSONObjBuilder*, StringData,
                        const boost::optional<TenantId>&) = 0;
    virtual Status set(const BSONElement&, const boost::optional<TenantId>&) = 0;
    virtual Status setFromString(StringData, const boost::optional<TenantId>&) = 0;

private:
    std::string _name;
    ServerParameterType _type;
};

inline void registerServerParameter(std::unique_ptr<ServerParameter> parameter) {
    static std::vector<std::unique_ptr<ServerParameter>> owned;
    registry()[parameter->name()] = parameter.get();
    owned.push_back(std::move(parameter));
}

}  // namespace mongo

#endif  // STAND_IN_DB_SERVER_PARAMETER_H
