// SPDX-License-Identifier: Apache-2.0
//
// Registers each parameter of the library's table. Only the library knows what they mean.

#include <exception>
#include <string>

#include "mongo/db/modules/percona_telemetry/handle.h"
#include "mongo/db/modules/percona_telemetry/values.h"
#include "mongo/idl/server_parameter.h"

namespace mongo::percona_telemetry {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::Parameter;
using psmdb::telemetry::Result;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

// 4.4 has no read-only parameters: such a parameter is registered as settable at run time, and
// rejects every value.
ServerParameterType kindOf(const Parameter& parameter) {
    if (!parameter.atStartup) {
        return ServerParameterType::kRuntimeOnly;
    }
    return parameter.atRuntime ? ServerParameterType::kStartupAndRuntime
                               : ServerParameterType::kStartupOnly;
}

// `prefix` precedes the library's sentence, as in the server's own errors.
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

    // getParameter: "*" reads all parameters: one that cannot be read must not fail the command.
    void append(OperationContext*,
                BSONObjBuilder& reply,
                const std::string& key) noexcept override {
        try {
            const Result value = telemetry().get(name());
            if (value) {
                reply.appendAs(documentOf("value", value.text).firstElement(), key);
            } else {
                reply.appendNull(key);
            }
        } catch (const std::exception&) {
            // Out of memory, or the reply is full: the reply omits this parameter.
        }
    }

    Status setFromString(const std::string& text) override {
        const Result result = telemetry().set(name(), text, When::startup);
        // A library that has failed is off, which must not keep the server from starting.
        if (result.code == Code::internal) {
            return Status::OK();
        }
        // The server adds the parameter's name itself here.
        return statusOf(result, "");
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
        const auto result = telemetry().set(name(), text.getValue(), When::runtime);
        const auto isInvalid = result.code == Code::badValue;
        return statusOf(result,
                        (isInvalid ? "Invalid value for parameter " : "Failed setting ") + name() +
                            ": ");
    }

private:
    const bool _isReadOnly;
};

MONGO_SERVER_PARAMETER_REGISTER(PerconaTelemetryParameters)(InitializerContext*) {
    for (const Parameter& parameter : Telemetry::parameters()) {
        // The constructor registers it, until the process ends.
        new TelemetryParameter(parameter);
    }
    // The result is a Status in 4.4, and void in 5.0.
    return static_cast<InitializerFunction::result_type>(Status::OK());
}

}  // namespace
}  // namespace mongo::percona_telemetry
