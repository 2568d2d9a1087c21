#ifndef STAND_IN_DB_COMMANDS_SERVER_STATUS_H
#define STAND_IN_DB_COMMANDS_SERVER_STATUS_H

#include <map>
#include <memory>
#include <string>
#include <utility>

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
#if MONGO_STAND_IN < 80
    explicit ServerStatusSection(const std::string& name) {
        sections()[name] = this;
    }
#else
    enum class Role { none, shard };

    ServerStatusSection(const std::string& name, Role role) {
        if (role == Role::shard) {
            sections()[name] = this;
        }
    }
#endif
    virtual ~ServerStatusSection() = default;

    virtual bool includeByDefault() const = 0;
    virtual BSONObj generateSection(OperationContext*, const BSONElement&) const = 0;
};

#if MONGO_STAND_IN >= 80
template <typename Section>
class ServerStatusSectionBuilder {
public:
    explicit ServerStatusSectionBuilder(std::string name) : _name(std::move(name)) {
    }

    ServerStatusSectionBuilder forShard() && {
        _role = ServerStatusSection::Role::shard;
        return std::move(*this);
    }

    Section& operator*() && {
        static const std::unique_ptr<Section> section = std::make_unique<Section>(_name, _role);
        return *section;
    }

private:
    std::string _name;
    ServerStatusSection::Role _role = ServerStatusSection::Role::none;
};
#endif

}  // namespace mongo

#endif  // STAND_IN_DB_COMMANDS_SERVER_STATUS_H
