#include "parameters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "reply.h"
#include "startup_error.h"

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
    static constexpr std::array<std::string_view, 12> names{
        "lsid",         "txnNumber",  "autocommit", "startTransaction", "readConcern",
        "writeConcern", "maxTimeMS",  "comment",    "apiVersion",       "apiDeprecationErrors",
        "apiStrict",    "coordinator"};
    return name.substr(0, 1) == "$" || std::find(names.begin(), names.end(), name) != names.end();
}

// The text that Telemetry::set() takes for a value, or what is wrong with the value.
Result settingText(const bson_iter_t& value) {
    std::array<char, 64> text{};
    switch (bson_iter_type(&value)) {
        case BSON_TYPE_BOOL:
            return {Code::ok, bson_iter_bool(&value) ? "true" : "false"};
        case BSON_TYPE_INT32:
            return {Code::ok, std::to_string(bson_iter_int32(&value))};
        case BSON_TYPE_INT64:
            return {Code::ok, std::to_string(bson_iter_int64(&value))};
        case BSON_TYPE_DOUBLE: {
            // The shell's numbers are doubles: 1 is meant where 1.0 is sent.
            constexpr double exact = 9007199254740992;  // up to here each whole number is itself
            const double number = bson_iter_double(&value);
            const bool whole = std::abs(number) <= exact && std::trunc(number) == number;
            std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.17g",
                          number == 0 ? 0.0 : number);  // -0 is 0
            return {Code::ok, text.data()};
        }
        case BSON_TYPE_UTF8:
            if (textOf(value).find('\0') != std::string_view::npos) {
                return {Code::badValue, "a string with a NUL character in it is not accepted"};
            }
            return {Code::ok, std::string(textOf(value))};
        default:
            return {Code::badValue, "a value of type " +
                                        std::string(typeName(bson_iter_type(&value))) +
                                        " is not accepted: use a bool, a number or a string"};
    }
}

// Why a parameter may not be set at run time by this command at all.
std::optional<Document> refusal(const std::string& name) {
    const Parameter* const parameter = find(name);
    if (parameter == nullptr) {
        return failure("attempted to set unrecognized parameter [" + name +
                       "], use help:true to see options ");
    }
    if (parameter->atStartup && !parameter->atRuntime) {
        return failure("not allowed to change [" + name + "] at runtime");
    }
    return std::nullopt;
}

// Sets one parameter that may be set; the answer if that fails.
std::optional<Document> setOne(Telemetry& telemetry, const std::string& name,
                               const bson_iter_t& value) {
    if (!find(name)->atRuntime) {
        return failure(kBadValue, name + " is read-only");
    }
    const Result text = settingText(value);
    if (!text) {
        return failure(kBadValue, "Failed setting " + name + ": " + text.text);
    }
    const Result result = telemetry.set(name, text.text, When::runtime);
    if (!result) {
        return result.code == Code::internal
                   ? failure(kInternalError, result.text)
                   : failure(kBadValue, "Invalid value for parameter " + name + ": " + result.text);
    }
    return std::nullopt;
}

bool flag(const bson_iter_t& options, const char* name) {
    bson_iter_t option;
    return BSON_ITER_HOLDS_DOCUMENT(&options) && bson_iter_recurse(&options, &option) &&
           bson_iter_find(&option, name) && bson_iter_as_bool(&option);
}

}  // namespace

void applyStartupParameters(Telemetry& telemetry,
                            const std::vector<std::pair<std::string, std::string>>& settings) {
    for (const auto& [name, value] : settings) {
        const Parameter* const parameter = find(name);
        if (parameter == nullptr) {
            throw StartupError("BadValue: Unknown --setParameter '" + name + "'");
        }
        if (!parameter->atStartup) {
            throw StartupError("BadValue: Cannot use --setParameter to set \"" + name +
                               "\" at startup");
        }
        const Result result = telemetry.set(name, value, When::startup);
        if (!result) {
            throw StartupError(result.code == Code::internal
                                   ? "InternalError: " + result.text
                                   : "BadValue: Bad value for parameter \"" + name +
                                         "\": " + result.text);
        }
    }
}

Result addParameter(Document& document, std::string_view key, const Telemetry& telemetry,
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
    document.addElement(key, value);
    return result;
}

Document getParameter(const Telemetry& telemetry, const Document& command) {
    bson_iter_t first;
    bson_iter_init(&first, command.get());
    bson_iter_next(&first);
    const bool all =
        flag(first, "allParameters") || (BSON_ITER_HOLDS_UTF8(&first) && textOf(first) == "*");
    const bool showDetails = flag(first, "showDetails");

    Document reply;
    bool found = false;
    for (const Parameter& parameter : table()) {
        if (!all && !bson_has_field(command.get(), parameter.name.c_str())) {
            continue;
        }
        Document details;
        const Result result = showDetails
                                  ? addParameter(details, "value", telemetry, parameter.name)
                                  : addParameter(reply, parameter.name, telemetry, parameter.name);
        if (!result && !all) {
            return failure(kInternalError, result.text);
        }
        if (showDetails) {
            details.addBool("settableAtRuntime", parameter.atRuntime);
            details.addBool("settableAtStartup", parameter.atStartup);
            reply.addDocument(parameter.name, details);
        }
        found = true;
    }
    return found ? success(std::move(reply)) : failure("no option found to get");
}

Document setParameter(Telemetry& telemetry, const Document& command) {
    struct Setting {  // bson_iter_t itself would lose its alignment as a template argument
        bson_iter_t value;
    };
    std::map<std::string, Setting> settings;
    bson_iter_t element;
    bson_iter_init(&element, command.get());
    bson_iter_next(&element);  // setParameter itself
    while (bson_iter_next(&element)) {
        const std::string name = bson_iter_key(&element);
        if (isGenericArgument(name)) {
            continue;
        }
        if (auto answer = refusal(name)) {
            return std::move(*answer);
        }
        if (!settings.emplace(name, Setting{element}).second) {
            return failure("attempted to set parameter [" + name +
                           "] twice in the same setParameter command");
        }
    }
    if (settings.empty()) {
        return failure("no option found to set, use help:true to see options ");
    }

    Document reply;
    addParameter(reply, "was", telemetry, settings.begin()->first);
    for (const auto& [name, setting] : settings) {
        if (auto answer = setOne(telemetry, name, setting.value)) {
            return std::move(*answer);
        }
    }
    return success(std::move(reply));
}

}  // namespace telemetry_host
