// The server parameters there are, whoever owns them.

#ifndef STAND_IN_REGISTRY_H
#define STAND_IN_REGISTRY_H

#include <map>
#include <string>

namespace mongo {

class ServerParameter;

enum class ServerParameterType { kRuntimeOnly, kStartupOnly, kStartupAndRuntime };

inline std::map<std::string, ServerParameter*>& registry() {
    static std::map<std::string, ServerParameter*> parameters;
    return parameters;
}

}  // namespace mongo

#endif  // STAND_IN_REGISTRY_H
