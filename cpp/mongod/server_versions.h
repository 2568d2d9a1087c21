// What differs between the versions of the server, and nothing else.
//
// 4.4 and 6.0 have one shape of ServerParameter, 7.0 and 8.0 another, in another header. How a
// parameter and a section are registered, and what the dbpath's being read-only is called, changed
// at other times: those go by what is declared, not by a version.

#ifndef MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_VERSIONS_H
#define MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_VERSIONS_H

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "mongo/base/init.h"
#include "mongo/base/status.h"
#include "mongo/base/string_data.h"
#include "mongo/bson/bsonelement.h"
#include "mongo/bson/bsonobjbuilder.h"

#if __has_include("mongo/db/commands/server_status/server_status.h")
#include "mongo/db/commands/server_status/server_status.h"
#else
#include "mongo/db/commands/server_status.h"
#endif

#if __has_include("mongo/db/server_parameter.h")
#include "mongo/db/server_parameter.h"
#define PERCONA_TELEMETRY_PARAMETERS_HAVE_TENANTS 1
#else
#include "mongo/idl/server_parameter.h"
#define PERCONA_TELEMETRY_PARAMETERS_HAVE_TENANTS 0
#endif

namespace mongo {

// Of 8.0; elsewhere it stays without a definition and is not used.
template <typename Section>
class ServerStatusSectionBuilder;

namespace percona_telemetry {

// ---- Server parameters ----

// A parameter in the shape of this server's version, in terms of three functions.
class AnyServerParameter : public ServerParameter {
public:
    AnyServerParameter(const std::string& name, ServerParameterType type)
        : ServerParameter(name, type) {
    }

#if PERCONA_TELEMETRY_PARAMETERS_HAVE_TENANTS
    void append(OperationContext*, BSONObjBuilder* reply, StringData key,
                const boost::optional<TenantId>&) final {
        appendTo(*reply, std::string(key));
    }

    Status set(const BSONElement& value, const boost::optional<TenantId>&) final {
        return setAtRuntime(value);
    }

    Status setFromString(StringData text, const boost::optional<TenantId>&) final {
        return setAtStartup(std::string(text));
    }
#else
    void append(OperationContext*, BSONObjBuilder& reply, const std::string& key) final {
        appendTo(reply, key);
    }

    Status set(const BSONElement& value) final {
        return setAtRuntime(value);
    }

    Status setFromString(const std::string& text) final {
        return setAtStartup(text);
    }
#endif

private:
    virtual void appendTo(BSONObjBuilder& reply, const std::string& key) noexcept = 0;
    virtual Status setAtRuntime(const BSONElement& value) = 0;
    virtual Status setAtStartup(const std::string& text) = 0;
};

// A call with Best{} takes the overload with Best if its expression is valid, else that with
// Better, else that with Good.
struct Good {};
struct Better : Good {};
struct Best : Better {};

// 7.0 and 8.0: the registry takes ownership.
template <typename Parameter>
auto enrollAs(std::unique_ptr<Parameter>& parameter, Best)
    -> decltype(registerServerParameter(std::move(parameter))) {
    registerServerParameter(std::move(parameter));
}

// 6.0: the registry takes a pointer and keeps it for the life of the process.
template <typename Parameter>
auto enrollAs(std::unique_ptr<Parameter>& parameter, Better)
    -> decltype(registerServerParameter(parameter.get())) {
    registerServerParameter(parameter.release());
}

// 4.4: as 6.0, and the constructor has registered it.
template <typename Parameter>
void enrollAs(std::unique_ptr<Parameter>& parameter, Good) {
    static_cast<void>(parameter.release());
}

// Hands a parameter over to the server's registry.
template <typename Parameter>
void enroll(std::unique_ptr<Parameter> parameter) {
    enrollAs(parameter, Best{});
}

// ---- Initializers ----

// In 4.4 an initializer returns a Status, later nothing.
template <typename Result, typename... Arguments>
Result resultOf(const std::function<Result(Arguments...)>&);

inline auto initialized() {
    return static_cast<decltype(resultOf(std::declval<InitializerFunction>()))>(Status::OK());
}

// ---- Sections of serverStatus ----

// Adds a section for the life of the process. Until 7.0 the constructor registers it; later a
// builder does, which wants to know the role: telemetry is mongod's.
template <typename Section>
bool addSection(const std::string& name) {
    if constexpr (std::is_constructible_v<Section, std::string>) {
        static const Section section(name);
    } else {
        static_cast<void>(*ServerStatusSectionBuilder<Section>(name).forShard());
    }
    return true;
}

// ---- The dbpath ----

// Until 6.0 `readOnly`, then `queryableBackupMode`.
template <typename Parameters>
auto isReadOnlyAs(const Parameters& parameters, Better) -> decltype(parameters.readOnly) {
    return parameters.readOnly;
}

template <typename Parameters>
auto isReadOnlyAs(const Parameters& parameters, Good) -> decltype(parameters.queryableBackupMode) {
    return parameters.queryableBackupMode;
}

template <typename Parameters>
bool isReadOnly(const Parameters& parameters) {
    return isReadOnlyAs(parameters, Better{});
}

}  // namespace percona_telemetry
}  // namespace mongo

#endif  // MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_VERSIONS_H
