#ifndef STAND_IN_DB_COMMANDS_SERVER_STATUS_H
#define STAND_IN_DB_COMMANDS_SERVER_STATUS_H

#include <map>
#include <string>

#include "mongo/bson/bson.h"

namespace mongo {

class OperationContext;
class ServerStatusSection;

inline std::map<std::string, const ServerStatusSection*>& sections() {
    static std::map<std::string, const ServerStatusSection*> registry;
    return registry;
}

class ServerStatusSection {
public:
    explicit ServerStatusSection(const std::string& name) {
        sections()[name] = this;
    }
    virtual ~ServerStatusSection() = default;

    virtual bool includeByDefault() const = 0;
    virtual BSONObj generateSection(OperationContext*, const BSONElement&) const = 0;
};

}  // namespace mongo

#endif  // STAND_IN_DB_COMMANDS_SERVER_STATUS_H
