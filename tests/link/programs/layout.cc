// The layout that the archive was compiled with: x86-64 and aarch64, libstdc++ with the C++11 ABI.
// A program that is compiled with another layout must not be linked with it.

#include <cstddef>
#include <iostream>
#include <string>

#include "psmdb_telemetry/telemetry.h"

namespace psmdb::telemetry {

static_assert(_GLIBCXX_USE_CXX11_ABI == 1, "std::string is that of the C++11 ABI");
static_assert(sizeof(std::string) == 32 && alignof(std::string) == 8);
static_assert(sizeof(std::string_view) == 16 && sizeof(std::shared_ptr<Host>) == 16);
static_assert(sizeof(std::vector<Parameter>) == 24);

static_assert(sizeof(LogLevel) == 4 && sizeof(Code) == 4 && sizeof(When) == 4);
static_assert(sizeof(Parameter::Type) == 4);

static_assert(sizeof(HttpRequest) == 80 && alignof(HttpRequest) == 8);
static_assert(offsetof(HttpRequest, body) == 48 && offsetof(HttpRequest, timeout) == 72);

static_assert(sizeof(HttpResponse) == 72 && alignof(HttpResponse) == 8);
static_assert(offsetof(HttpResponse, retryAfter) == 8 && offsetof(HttpResponse, error) == 40);

static_assert(sizeof(Parameter) == 72 && alignof(Parameter) == 8);
static_assert(offsetof(Parameter, type) == 64 && offsetof(Parameter, atRuntime) == 69);

static_assert(sizeof(Result) == 40 && alignof(Result) == 8 && offsetof(Result, text) == 8);
static_assert(sizeof(StartOptions) == 48 && offsetof(StartOptions, version) == 16);
static_assert(offsetof(StartOptions, suppressedBy) == 32);

static_assert(sizeof(LogAttribute) == 40 && offsetof(LogAttribute, value) == 16);
static_assert(sizeof(LogEvent) == 48 && offsetof(LogEvent, message) == 8);
static_assert(offsetof(LogEvent, attributes) == 24);

static_assert(sizeof(Host) == sizeof(void*) && sizeof(HttpClient) == sizeof(void*));
static_assert(sizeof(Telemetry) == sizeof(void*));
static_assert(std::string_view(PSMDB_TELEMETRY_VERSION) == VERSION,
              "Cargo.toml has another version");

}  // namespace psmdb::telemetry

int main() {
    using psmdb::telemetry::Telemetry;
    if (Telemetry::version() != VERSION) {
        std::cout << "Cargo.toml says " VERSION ", the archive " << Telemetry::version() << '\n';
        return 1;
    }
    // What the archive puts into such structs is found where this program looks for it.
    const auto parameters = Telemetry::parameters();
    return parameters.size() == 4 && parameters[0].name == "perconaTelemetry" &&
                   parameters[0].atStartup && parameters[0].atRuntime &&
                   parameters[3].type == psmdb::telemetry::Parameter::Type::document &&
                   Telemetry(nullptr).get("perconaTelemetryGracePeriod").text == "0"
               ? 0
               : 1;
}
