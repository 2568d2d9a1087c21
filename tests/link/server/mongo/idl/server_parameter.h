#ifndef STAND_IN_IDL_SERVER_PARAMETER_H
#define STAND_IN_IDL_SERVER_PARAMETER_H

#include <map>
#include <string>

#include "mongo/base/init.h"
#include "mongo/base/status.h"
#include "mongo/bson/bson.h"

namespace mongo {

class OperationContext;
class ServerParameter;

enum class ServerParameterType { kRuntimeOnly, kStartupOnly, kStartupAndRuntime };

class ServerParameterSet {
public:
    using Map = std::map<std::string, ServerParameter*>;

    static ServerParameterSet* getGlobal() {
        static ServerParameterSet parameters;
        return &parameters;
    }

    void add(const std::string& name, ServerParameter* parameter) {
        _map[name] = parameter;
    }

    const Map& getMap() const {
        return _map;
    }

private:
    Map _map;
};

class ServerParameter {
public:
    ServerParameter(StringData name, ServerParameterType type)
        : _name(std::string(name)), _type(type) {
        ServerParameterSet::getGlobal()->add(_name, this);
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

}  // namespace mongo

#endif  // STAND_IN_IDL_SERVER_PARAMETER_H
