#include "parameters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "commands.h"

namespace telemetry_host {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::Parameter;
using psmdb::telemetry::Result;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

const std::vector<Parameter>& table() {
    static const std::vector<Parameter> parameters = Telemetry::parameters();
    return parameters;
}

const Parameter* find(std::string_view name) {
    const auto found =
        std::find_if(table().begin(), table().end(),
                     [name](const Parameter& parameter) { return parameter.name == name; });
    return found == table().end() ? nullptr : &*found;
}

// Fields that a driver may add to any command.
bool isGenericArgument(std::string_view name) {
    static constexpr std::array<std::string_view, 5> names{"lsid", "maxTimeMS", "comment",
                                                           "readConcern", "writeConcern"};
    return name.substr(0, 1) == "$" || std::find(names.begin(), names.end(), name) != names.end();
}

// The text that Telemetry::set() takes for a value, or what is wrong with the value.
Result settingText(const bson_iter_t& value) {
    switch (bson_iter_type(&value)) {
        case BSON_TYPE_BOOL:
            return {Code::ok, bson_iter_bool(&value) ? "true" : "false"};
        case BSON_TYPE_INT32:
        case BSON_TYPE_INT64:
            return {Code::ok, std::to_string(bson_iter_as_int64(&value))};
        case BSON_TYPE_DOUBLE: {
            // The shell's numbers are doubles: 1 is meant where 1.0 is sent.
            constexpr double exact = 9007199254740992;  // up to here each whole number is itself
            const double number = bson_iter_double(&value);
            const bool isWhole = std::abs(number) <= exact && std::trunc(number) == number;
            return {Code::ok, isWhole ? std::to_string(static_cast<std::int64_t>(number))
                                      : std::to_string(number)};
        }
        case BSON_TYPE_UTF8:
            return {Code::ok, std::string(textOf(value))};
        default:
            return {Code::badValue,
                    "a value of this type is not accepted: use a bool, a number or a string"};
    }
}

struct Setting {
    const Parameter& parameter;
    bson_iter_t value;
};

// Sets one parameter; the answer if that fails.
std::optional<Document> setOne(Telemetry& telemetry, const Setting& setting) {
    const std::string& name = setting.parameter.name;
    if (!setting.parameter.atRuntime) {
        return badValue(name + " is read-only");
    }
    const Result text = settingText(setting.value);
    if (!text) {
        return badValue("Failed setting " + name + ": " + text.text);
    }
    const Result result = telemetry.set(name, text.text, When::runtime);
    if (result.code == Code::internal) {
        return internalError(result.text);
    }
    if (result.code == Code::badValue) {
        return badValue("Invalid value for parameter " + name + ": " + result.text);
    }
    if (!result) {
        return badValue("Failed setting " + name + ": " + result.text);
    }
    return std::nullopt;
}

}  // namespace

void applyStartupParameters(Telemetry& telemetry, const Options& options) {
    for (const auto& [name, value] : options.setParameters) {
        const Parameter* const parameter = find(name);
        if (parameter == nullptr) {
            throw StartupError("BadValue: Unknown --setParameter '" + name + "'");
        }
        if (!parameter->atStartup) {
            throw StartupError("BadValue: Cannot use --setParameter to set \"" + name +
                               "\" at startup");
        }
        const Result result = telemetry.set(name, value, When::startup);
        // A library that has failed is off, which must not keep the server from starting.
        if (!result && result.code != Code::internal) {
            throw StartupError("BadValue: Bad value for parameter \"" + name +
                               "\": " + result.text);
        }
    }
}

Result appendParameter(Document& document, const char* key, const Telemetry& telemetry,
                       std::string_view name) {
    Result result = telemetry.get(name);
    if (!result) {
        return result;
    }
    const auto wrapped = Document::fromJson("{\"v\": " + result.text + "}");
    bson_iter_t value;
    if (!wrapped || !bson_iter_init_find(&value, wrapped->get(), "v")) {
        return {Code::internal, "the value of " + std::string(name) + " is not JSON"};
    }
    bson_append_iter(document.get(), key, -1, &value);
    return result;
}

Document getParameter(const Telemetry& telemetry, const Document& command) {
    bson_iter_t first;
    const bool all = bson_iter_init_find(&first, command.get(), "getParameter") &&
                     BSON_ITER_HOLDS_UTF8(&first) && textOf(first) == "*";
    Document reply;
    bool found = false;
    for (const Parameter& parameter : table()) {
        const char* const name = parameter.name.c_str();
        if (!all && !bson_has_field(command.get(), name)) {
            continue;
        }
        const Result result = appendParameter(reply, name, telemetry, name);
        if (!result && !all) {
            return internalError(result.text);
        }
        found = true;
    }
    return found ? success(std::move(reply)) : failure("no option found to get");
}

Document setParameter(Telemetry& telemetry, const Document& command) {
    std::vector<Setting> settings;
    bson_iter_t element;
    bson_iter_init(&element, command.get());
    bson_iter_next(&element);  // setParameter itself
    while (bson_iter_next(&element)) {
        const std::string name = bson_iter_key(&element);
        if (isGenericArgument(name)) {
            continue;
        }
        const Parameter* const parameter = find(name);
        if (parameter == nullptr) {
            return failure("attempted to set unrecognized parameter [" + name +
                           "], use help:true to see options ");
        }
        if (parameter->atStartup && !parameter->atRuntime) {
            return failure("not allowed to change [" + name + "] at runtime");
        }
        settings.push_back({*parameter, element});
    }
    if (settings.empty()) {
        return failure("no option found to set, use help:true to see options ");
    }
    Document reply;
    appendParameter(reply, "was", telemetry, settings.front().parameter.name);
    for (const Setting& setting : settings) {
        if (auto answer = setOne(telemetry, setting)) {
            return std::move(*answer);
        }
    }
    return success(std::move(reply));
}

}  // namespace telemetry_host
