// Registers each parameter of the library's table. What they mean is known to the library alone.

#include <exception>
#include <memory>
#include <string>

#include "mongo/db/modules/percona_telemetry/instance.h"
#include "mongo/db/modules/percona_telemetry/server_versions.h"
#include "mongo/db/modules/percona_telemetry/values.h"

namespace mongo::percona_telemetry {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::Parameter;
using psmdb::telemetry::Result;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

// 4.4 has no read-only kind: such a parameter is settable at run time, and refuses.
ServerParameterType kindOf(const Parameter& parameter) {
    if (!parameter.atStartup) {
        return ServerParameterType::kRuntimeOnly;
    }
    return parameter.atRuntime ? ServerParameterType::kStartupAndRuntime
                               : ServerParameterType::kStartupOnly;
}

// `introduction` is what the server says before its own sentence about a bad value.
Status statusOf(const Result& result, const std::string& introduction) {
    if (result) {
        return Status::OK();
    }
    if (result.code == Code::internal) {
        return {ErrorCodes::InternalError, result.text};
    }
    return {ErrorCodes::BadValue, introduction + result.text};
}

class TelemetryParameter final : public AnyServerParameter {
public:
    explicit TelemetryParameter(const Parameter& parameter)
        : AnyServerParameter(parameter.name, kindOf(parameter)),
          _isReadOnly(!parameter.atStartup && !parameter.atRuntime) {
    }

private:
    // getParameter with "*" walks all parameters: one that cannot be read must not spoil it.
    void appendTo(BSONObjBuilder& reply, const std::string& key) noexcept override {
        try {
            const Result value = instance().get(name());
            if (value) {
                reply.appendAs(documentOf("value", value.text).firstElement(), key);
            } else {
                reply.appendNull(key);
            }
        } catch (const std::exception&) {
            // Out of memory, or no room left in the reply: it stays without this parameter.
        }
    }

    Status setAtStartup(const std::string& text) override {
        // Here the server names the parameter.
        return statusOf(instance().set(name(), text, When::startup), "");
    }

    Status setAtRuntime(const BSONElement& value) override {
        if (_isReadOnly) {
            return {ErrorCodes::BadValue, name() + " is read-only"};
        }
        const auto text = textOf(value);
        if (!text.isOK()) {
            return {text.getStatus().code(),
                    "Failed setting " + name() + ": " + text.getStatus().reason()};
        }
        return statusOf(instance().set(name(), text.getValue(), When::runtime),
                        "Invalid value for parameter " + name() + ": ");
    }

    const bool _isReadOnly;
};

MONGO_SERVER_PARAMETER_REGISTER(PerconaTelemetryParameters)(InitializerContext*) {
    for (const Parameter& parameter : Telemetry::parameters()) {
        enroll(std::make_unique<TelemetryParameter>(parameter));
    }
    return initialized();
}

}  // namespace
}  // namespace mongo::percona_telemetry
