// SPDX-License-Identifier: Apache-2.0
//
// Registers each parameter of the library's table. What they mean is known to the library alone.

#include <exception>
#include <string>

#include "mongo/db/modules/percona_telemetry/instance.h"
#include "mongo/db/modules/percona_telemetry/values.h"
#include "mongo/idl/server_parameter.h"

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

// `prefix` is what the server says before its own sentence about a bad value.
Status statusOf(const Result& result, const std::string& prefix) {
    if (result) {
        return Status::OK();
    }
    if (result.code == Code::internal) {
        return {ErrorCodes::InternalError, result.text};
    }
    return {ErrorCodes::BadValue, prefix + result.text};
}

class TelemetryParameter final : public ServerParameter {
public:
    explicit TelemetryParameter(const Parameter& parameter)
        : ServerParameter(parameter.name, kindOf(parameter)),
          _isReadOnly(!parameter.atStartup && !parameter.atRuntime) {}

    // getParameter with "*" walks all parameters: one that cannot be read must not spoil it.
    void append(OperationContext*,
                BSONObjBuilder& reply,
                const std::string& key) noexcept override {
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

    Status setFromString(const std::string& text) override {
        // Here the server names the parameter.
        return statusOf(instance().set(name(), text, When::startup), "");
    }

    Status set(const BSONElement& value) override {
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

private:
    const bool _isReadOnly;
};

MONGO_SERVER_PARAMETER_REGISTER(PerconaTelemetryParameters)(InitializerContext*) {
    for (const Parameter& parameter : Telemetry::parameters()) {
        // The constructor registers it, for the life of the process.
        new TelemetryParameter(parameter);
    }
    // A Status in 4.4, nothing in 5.0.
    return static_cast<InitializerFunction::result_type>(Status::OK());
}

}  // namespace
}  // namespace mongo::percona_telemetry
